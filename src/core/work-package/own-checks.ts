import type { CheckResult, RefusedTree, Work, WpRecord } from './work-package.ts'

/** A built-in check of the worktree: the same commit passes once the worktree is corrected. */
export const hiddenFilesCheckName = 'files in which git is set to see no change'

/** The trees that are refused from now on, after these checks have failed on the work. */
export function refusedAfterChecks(
  { refusedTrees, cycle }: WpRecord,
  { tree }: Work,
  failing: readonly CheckResult[],
): readonly RefusedTree[] {
  const mayComeAgain = failing.every(({ command }) => command === hiddenFilesCheckName)
  return mayComeAgain ? refusedTrees : [...refusedTrees, { tree, cycle, by: 'checks' }]
}
