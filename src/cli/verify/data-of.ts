import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { GitOutcome } from '../../run/git/git-outcome.ts'

/** Where git fails, nothing was verified. */
export function dataOf<T>(outcome: GitOutcome<T>): T {
  if (outcome.ok) return outcome.data
  const { message } = outcome
  const hint = 'git fsck says what is wrong with the repository'
  throw new OrchestratorError({ code: 'git-fails', exitCode: exitCodes.usage, message, hint })
}
