import type { ReviewedRange } from '../../../core/judgement/coverage.ts'
import type { TreeChange } from '../../../core/work-package/lost.ts'
import { ownStretches } from '../../../core/work-package/own-work.ts'
import type { WorkPackage } from '../../../core/work-package/work-package.ts'
import { type GitWork, inParallel, need } from '../../git/git-work.ts'
import { othersInLane } from '../../mission/lane-history.ts'
import type { RunContext } from '../../run-context.ts'

/** What the WP itself changed in this range of its lane. A file that was changed in two parts of it is there twice. */
export async function* ownChanges(
  wp: WorkPackage,
  { base, head }: ReviewedRange,
  run: RunContext,
): GitWork<readonly TreeChange[]> {
  const path = wp.worktree?.path ?? ''
  const { workspace } = run.ports
  const history = yield* need(workspace.history(path, base, head))
  const stretches = ownStretches(history, wp.record, othersInLane(wp, run))
  const changed = yield* inParallel(
    stretches.map(own => need(workspace.changes(path, own.base.commit, own.head.commit))),
  )
  return changed.flat()
}
