import type { CheckResult } from '../gate/check-result.ts'
import type { RefusedTree, Work, WpRecord } from './work-package.ts'

/** A built-in check of the worktree: the same commit passes once the worktree is corrected. */
export const hiddenFilesCheckName = 'files in which git is set to see no change'

/** A built-in check: what it names stays refused, whichever agent tries. */
export const protectedFilesCheckName = 'checks.protect'

/** Why a person is needed after these checks: the work changes the same protected files again. Null: it is tried again. */
export function protectedAgain({ attempts, cycle, retriedAfterAttempt }: WpRecord, detail: string): string | null {
  if (!detail.startsWith(`${protectedFilesCheckName}: `)) return null
  const before = attempts.some(
    ({ number, result, ...attempt }) =>
      attempt.cycle === cycle &&
      number > retriedAfterAttempt &&
      result?.kind === 'failed' &&
      result.failure.detail === detail,
  )
  return before ? `the work was refused twice for the same reason: ${detail}` : null
}

/** The trees that are refused from now on, after these checks have failed on the work. */
export function refusedAfterChecks(
  { refusedTrees, cycle }: WpRecord,
  { tree }: Work,
  failing: readonly CheckResult[],
): readonly RefusedTree[] {
  const mayComeAgain = failing.every(({ command }) => command === hiddenFilesCheckName)
  return mayComeAgain ? refusedTrees : [...refusedTrees, { tree, cycle, by: 'checks' }]
}
