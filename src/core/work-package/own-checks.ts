import type { CheckResult, RefusedTree, Work, WpRecord } from './work-package.ts'

/** A check of ours that is about the worktree: the same commit passes it once the worktree is as it should be. */
export const hiddenFilesCheckName = 'files in which git is set to see no change'

/** The trees that are not taken again, once these checks have failed on the work. */
export function refusedAfterChecks(
  { refusedTrees, cycle }: WpRecord,
  { tree }: Work,
  failing: readonly CheckResult[],
): readonly RefusedTree[] {
  const mayComeAgain = failing.every(({ command }) => command === hiddenFilesCheckName)
  return mayComeAgain ? refusedTrees : [...refusedTrees, { tree, cycle, by: 'checks' }]
}
