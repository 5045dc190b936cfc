import { type ExitCode, exitCodes } from '../../errors.ts'
import { anyRepository } from '../../git/any-repository.ts'
import { writeOut } from '../terminal/output.ts'
import { readStored, type Sources } from './read-records.ts'
import { verified } from './verified.ts'
import { verifiedJson } from './verified-json.ts'
import { verifiedText } from './verified-text.ts'

export interface VerifyOptions extends Sources {
  readonly repoRoot?: string
  readonly json?: boolean
}

/** Reads only. Needs git and the records; no project, no host, no network. */
export async function verifyCommand(range: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  const folder = await anyRepository(options.repoRoot)
  const found = await verified(folder, range ?? null, await readStored(folder, options))
  const areSigned = options.signers !== undefined
  writeOut(options.json ? verifiedJson(found, areSigned) : verifiedText(found, areSigned))
  return found.isProven ? exitCodes.ok : exitCodes.needsPerson
}
