import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { anyRepository } from '../../git/any-repository.ts'
import { writeOut } from '../terminal/output.ts'
import { readStored, type Sources } from './read-records.ts'
import { signVerified } from './sign.ts'
import { verified } from './verified.ts'
import { verifiedJson } from './verified-json.ts'
import { verifiedText } from './verified-text.ts'

interface VerifyOptions extends Sources {
  /** A key to sign the records with, once they are verified. */
  readonly sign?: string
  readonly repoRoot?: string
  readonly json?: boolean
}

/** Needs git and the records; no project, no host, no network. Reads only, unless it is to sign. */
export async function verifyCommand(range: string | undefined, options: VerifyOptions): Promise<ExitCode> {
  const { repoRoot, sign, record, json } = options
  if (sign !== undefined && record !== undefined) throw cannotSign()
  const folder = await anyRepository(repoRoot)
  const found = await verified(folder, range ?? null, await readStored(folder, options))
  const areSigned = options.signers !== undefined
  const signed = sign === undefined || !found.isProven ? [] : await signVerified(folder, found, sign)
  if (json) writeOut(verifiedJson(found, areSigned))
  else writeOut(verifiedText(found, areSigned) + signed.map(line => `${line}\n`).join(''))
  return found.isProven ? exitCodes.ok : exitCodes.needsPerson
}

function cannotSign(): OrchestratorError {
  const message = '--sign signs the records in the repository, and --record names another'
  return new OrchestratorError({
    code: 'cannot-sign',
    exitCode: exitCodes.usage,
    message,
    hint: 'leave one of them out',
  })
}
