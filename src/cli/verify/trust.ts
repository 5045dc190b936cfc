import { exitCodes, OrchestratorError } from '../../errors.ts'
import { readRegular } from '../../files/read-regular.ts'
import type { KeylessTrust } from '../../record/check/keyless.ts'
import { parseSigners, type Signers } from '../../record/check/signers.ts'
import type { Parsed } from '../../record/schema.ts'

export interface TrustFiles {
  /** In OpenSSH's allowed_signers format, and keyless identities; absent: signatures are not checked. */
  readonly signers?: string
  /** Of Sigstore, for keyless signatures. */
  readonly trustedRoot?: string
}

export type Trust = Signers & KeylessTrust

/** null: signatures are not checked. */
export async function readTrust({ signers, trustedRoot }: TrustFiles): Promise<Trust | null> {
  if (signers === undefined) {
    if (trustedRoot === undefined) return null
    throw unusable('trusted root', trustedRoot, 'it is of use only with --signers', 'name both, or leave it out')
  }
  const who = read(signers, parseSigners)
  if (!who.ok) throw unusable('signers file', signers, who.why, lineHint)
  if (trustedRoot === undefined) return { ...who.value, roots: null }
  const { parseTrustedRoots } = await import('../../record/check/trusted-root.ts')
  const roots = read(trustedRoot, parseTrustedRoots)
  if (roots.ok) return { ...who.value, roots: roots.value }
  throw unusable('trusted root', trustedRoot, roots.why, 'gh attestation trusted-root prints one')
}

const lineHint = 'each line: <principal> <type of the key> <key>, as in the allowed_signers file of ssh-keygen'

function read<T>(file: string, parse: (content: string) => Parsed<T>): Parsed<T> {
  try {
    return parse(readRegular(file).toString())
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

function unusable(what: string, file: string, why: string, hint: string): OrchestratorError {
  const code = what === 'signers file' ? 'signers-unusable' : 'trusted-root-unusable'
  return new OrchestratorError({
    code,
    exitCode: exitCodes.usage,
    message: `the ${what} ${file} cannot be used: ${why}`,
    hint,
  })
}
