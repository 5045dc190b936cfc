import { madeAfter } from '../../core/work-package/made-by.ts'
import type { Attempt, WorkPackage } from '../../core/work-package/work-package.ts'
import { asEvent } from '../attempts/have-back.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { ReadyWorktree } from '../git/workspace.ts'
import type { RunContext } from '../run-context.ts'

export interface ReviewedAt {
  readonly head: string
  readonly branch: string | null
}

/**
 * The number of commits on the lane branch that were made after the reviewer had ended, by a person. 0 when there are
 * none, or when the reviewer moved the branch.
 */
export async function* commitsAfter(wp: WorkPackage, review: Attempt, run: RunContext): GitWork<number> {
  const { workspace, leftovers } = run.ports
  const path = wp.worktree?.path ?? ''
  const state = yield* need(workspace.inspect(path))
  if (state.kind === 'missing' || state.branch !== wp.worktree?.branch) return 0
  const commits = yield* need(workspace.commitsSince(path, review.baseCommit))
  if (commits === null) return 0
  const { role, agent, number: attempt, cycle, process, startedAt } = review
  const lastSign = leftovers.lastSignOf({ wpId: wp.wpId, role, agent, attempt, cycle, process, startedAt })
  return madeAfter(commits, lastSign ?? Date.parse(startedAt)).length
}

/** Puts the tree back before a review starts, as it was found just `now`. The author of the changes is not known. */
export async function* putBackUnwatched(
  wp: WorkPackage,
  now: ReadyWorktree,
  at: ReviewedAt,
  run: RunContext,
): GitWork<void> {
  const { workspace, store, report } = run.ports
  const { wpId } = wp
  const path = wp.worktree?.path ?? ''
  const isAsItWas = !now.dirty && now.head === at.head && now.branch === at.branch
  if (isAsItWas && (yield* need(workspace.hiddenFiles(path))).length === 0) return
  const patchFile = `${store.attemptFiles(wpId, leftoversOf(wp))}.leftovers.patch`
  const why = 'its worktree was changed before its review began'
  const kept = yield* need(workspace.restore(path, at, { wpId, why, reason: 'put-back', patchFile }))
  report({ type: 'tree-put-back', during: null, ...asEvent(wpId, kept) })
}

/** The attempt under whose name changes from before this review are kept: the last one. */
function leftoversOf(wp: WorkPackage): Pick<Attempt, 'role' | 'cycle' | 'number'> {
  return wp.record.attempts.at(-1) ?? { role: 'review', cycle: wp.record.cycle, number: 0 }
}

/**
 * A reviewer must not change anything: its changes are kept under a ref and put back. Commits made after it ended stay.
 * Returns true when HEAD moved.
 */
export async function* putBackReviewed(
  wp: WorkPackage,
  attempt: Attempt,
  at: ReviewedAt & { readonly watched: boolean },
  run: RunContext,
): GitWork<boolean> {
  const { workspace, store, report } = run.ports
  const { wpId } = wp
  const path = wp.worktree?.path ?? ''
  const after = yield* need(workspace.inspect(path))
  if (after.kind === 'missing') return true
  const moved = after.head !== at.head || after.branch !== at.branch
  if (!moved && !after.dirty && (yield* need(workspace.hiddenFiles(path))).length === 0) return false
  const later = at.watched ? 0 : yield* commitsAfter(wp, attempt, run)
  if (later > 0) report({ type: 'commits-on-top', wpId, commits: later, head: after.head })
  const to = { head: later > 0 ? after.head : at.head, branch: at.branch }
  if (later > 0 && !after.dirty) return true
  const patchFile = `${store.attemptFiles(wpId, attempt)}.reviewer.patch`
  const why = `its worktree was changed while ${attempt.agent} reviewed it`
  const as = { wpId, why, reason: 'tree-changed-during-review', patchFile }
  const kept = yield* need(workspace.restore(path, to, as))
  const where = asEvent(wpId, kept)
  // Files have no author, so a change that was not watched is not attributed to anyone.
  if (!at.watched) report({ type: 'tree-put-back', during: null, ...where })
  else report({ type: 'tree-changed-during-review', agent: attempt.agent, ...where })
  return moved
}
