import { TrustedRoot } from '@sigstore/protobuf-specs'
import { parseJson } from '../../core/json.ts'
import type { Parsed } from '../schema.ts'

/** One object of JSON, or one on each line as `gh attestation trusted-root` prints them. */
export function parseTrustedRoots(content: string): Parsed<readonly TrustedRoot[]> {
  const whole = parseJson(content)
  const found =
    whole === undefined
      ? content
          .split('\n')
          .filter(line => line.trim() !== '')
          .map(parseJson)
      : [whole]
  try {
    const roots = found.map(root => TrustedRoot.fromJSON(root))
    if (roots.length > 0 && roots.every(root => root.certificateAuthorities.length > 0))
      return { ok: true, value: roots }
    return { ok: false, why: 'it names no certificate authority' }
  } catch {
    return { ok: false, why: 'it is not the JSON of a Sigstore trusted root' }
  }
}
