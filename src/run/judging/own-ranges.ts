import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import { ownStretches } from '../../core/work-package/own-work.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import { othersInLane } from '../mission/lane-history.ts'
import type { RunContext } from '../run-context.ts'

/** The part of the lane since `base` that belongs to this WP; all of it if no other WP worked in the worktree. */
export async function* ownRanges(
  wp: WorkPackage,
  base: string,
  head: string,
  run: RunContext,
): GitWork<readonly ReviewedRange[]> {
  const others = othersInLane(wp, run)
  if (others.length === 0) return [{ base, head }]
  const history = yield* need(run.ports.workspace.history(wp.worktree?.path ?? '', base))
  const own = ownStretches(history, wp.record, others)
  return own.length === 0 ? [{ base, head }] : own.map(part => ({ base: part.base.commit, head: part.head.commit }))
}

/** The commit of the last review, if `head` still contains it; otherwise it is not known what has changed since. */
export async function* lastReviewedIn(
  { record, worktree }: WorkPackage,
  head: string,
  run: RunContext,
): GitWork<string | null> {
  const { lastReviewed } = record
  if (lastReviewed === null) return null
  const isThere = yield* need(run.ports.workspace.isAncestor(worktree?.path ?? '', lastReviewed, head))
  return isThere ? lastReviewed : null
}
