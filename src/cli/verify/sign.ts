import { oneLine } from '../../core/text.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { currentFolder } from '../../git/repository.ts'
import { signStored } from '../../record/sign-stored.ts'
import type { Verified } from './verified.ts'

/** Adds a signature to the records about a range that was verified. Returns a line for each. */
export async function signVerified(folder: string, { records }: Verified, key: string): Promise<readonly string[]> {
  const stored = records.flatMap(({ place, envelope }) => (envelope === null ? [] : [{ place, envelope }]))
  const made = await signStored(folder, stored, { key, from: currentFolder(), env: process.env })
  if (!made.ok) {
    const hint = 'the key is an Ed25519 key in PEM, ssh:<path> for an SSH key, or keyless in a job of GitHub Actions'
    throw new OrchestratorError({
      code: 'cannot-sign',
      exitCode: exitCodes.usage,
      message: `not signed: ${made.why}`,
      hint,
    })
  }
  if (stored.length === 0) return ['there is no record about these commits to sign']
  return [
    ...made.signed.map(place => `signed ${oneLine(place)} in ${made.ref}`),
    ...made.before.map(place => `this key had signed ${oneLine(place)} before`),
  ]
}
