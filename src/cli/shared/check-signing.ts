import { relative, sep } from 'node:path'
import type { Config } from '../../config/schema.ts'
import { signedBytes } from '../../core/record/envelope.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { realPlace } from '../../files/real-place.ts'
import type { Repository } from '../../git/repository.ts'
import { keyFile, openSigner } from '../../record/sign/open-signer.ts'

type Signing = Pick<Config, 'record'>

/**
 * Signs something once, so that a key that cannot be used ends a run before its start, with a person in front of it.
 * Returns the fingerprint of the key; null: records are not signed.
 */
export async function checkSigning(
  { root }: Pick<Repository, 'root'>,
  { record }: Signing,
  env: Readonly<NodeJS.ProcessEnv>,
): Promise<string | null> {
  if (record.sign === null) return null
  const opened = await openSigner({ key: record.sign, from: root, env })
  const made = opened.ok ? await opened.signer.sign(signedBytes('text/plain', new Uint8Array())) : opened
  if (made.ok) return made.signature.keyid
  throw new OrchestratorError({
    code: 'cannot-sign',
    exitCode: exitCodes.usage,
    message: `record.sign: ${made.why}`,
    hint: 'correct record.sign or --sign, or leave it out: the review record is unsigned then',
  })
}

/** A key inside the repository, where an agent finds it while it looks for something else; null: it is elsewhere. */
export function keyInRepository({ root }: Pick<Repository, 'root'>, { record }: Signing): string | null {
  if (record.sign === null) return null
  const file = keyFile(record.sign, root)
  const way = relative(realPlace(root), realPlace(file))
  return way.split(sep)[0] === '..' ? null : file
}
