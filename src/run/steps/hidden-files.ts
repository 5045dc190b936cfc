import type { CheckResult } from '../../core/gate/check-result.ts'
import { quote } from '../../core/text.ts'
import { hiddenFilesCheckName } from '../../core/work-package/own-checks.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'

/** The most files that a refusal names. */
const mostNamed = 50

/** A built-in check: checks and reviewers must see what the commit holds. No result when nothing is hidden. */
export async function* hiddenFilesCheck({ worktree }: WorkPackage, run: RunContext): GitWork<readonly CheckResult[]> {
  const flagged = worktree ? yield* need(run.ports.workspace.hiddenFiles(worktree.path)) : []
  // Measured: in coord topology the host itself hides its records in every lane.
  const hidden = flagged.filter(path => !path.startsWith(`kitty-specs/${run.mission}/`))
  if (hidden.length === 0) return []
  const more = hidden.length > mostNamed ? [`and ${hidden.length - mostNamed} more`] : []
  const output = [
    'git is set to see no change in these files (skip-worktree or assume-unchanged), so the commit does not hold what is in them.',
    'Clear the flags: git update-index --no-skip-worktree -- <file> && git update-index --no-assume-unchanged -- <file>',
    'Then commit the change, or put the files back.',
    ...hidden.slice(0, mostNamed).map(path => quote(path)),
    ...more,
  ].join('\n')
  return [{ command: hiddenFilesCheckName, exitCode: 1, output, log: null }]
}
