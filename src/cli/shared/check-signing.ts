import { relative, sep } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { signedBytes } from '../../core/record/envelope.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { realPlace } from '../../files/real-place.ts'
import type { Repository } from '../../git/repository.ts'
import { keyless, openKeyless } from '../../record/sign/keyless.ts'
import { keyFile, openSigner } from '../../record/sign/open-signer.ts'
import type { Refused } from '../../record/sign/signer.ts'

type Signing = Pick<Config, 'record'>

/**
 * Signs something once, so that a key that cannot be used ends a run before its start, with a person in front of it.
 * Returns the fingerprint of the key, or what signs in its place; null: records are not signed.
 */
export async function checkSigning(
  { root }: Pick<Repository, 'root'>,
  { record }: Signing,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<string | null> {
  if (record.sign === null) return null
  const made = await tried(record.sign, root, env)
  if (made.ok) return made.by
  throw new OrchestratorError({
    code: 'cannot-sign',
    exitCode: exitCodes.usage,
    message: `record.sign: ${made.why}`,
    hint: 'correct record.sign or --sign, or leave it out: the review record is unsigned then',
  })
}

async function tried(
  key: string,
  root: string,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<{ readonly ok: true; readonly by: string } | Refused> {
  if (key === keyless) {
    // A keyless signature is published, so none is made to try it.
    const opened = await openKeyless(env)
    return opened.ok ? { ok: true, by: 'the identity of this CI job' } : opened
  }
  const opened = await openSigner({ key, from: root, env })
  if (!opened.ok) return opened
  const made = await opened.signer.sign(signedBytes('text/plain', new Uint8Array()))
  return made.ok ? { ok: true, by: made.signature.keyid } : made
}

/** A key inside the repository, where an agent finds it while it looks for something else; null: it is elsewhere. */
export function keyInRepository({ root }: Pick<Repository, 'root'>, { record }: Signing): string | null {
  if (record.sign === null || record.sign === keyless) return null
  const file = keyFile(record.sign, root)
  const way = relative(realPlace(root), realPlace(file))
  return way.split(sep)[0] === '..' ? null : file
}
