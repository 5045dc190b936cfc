import { wasCutOff } from '../../core/work-package/cut-off.ts'
import { madeAfter } from '../../core/work-package/made-by.ts'
import type { Attempt, WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'

export interface ReviewedAt {
  readonly head: string
  readonly branch: string | null
}

/** The review during which sko died: it may have made commits since. */
export function reviewCutOff({ attempts }: WpRecord): Attempt | null {
  const last = attempts.at(-1)
  return last?.role === 'review' && wasCutOff(last) ? last : null
}

/**
 * How many commits lie on the lane branch that the reviewer did not make, because it had ended: a person's. 0: none, or
 * it was the reviewer that moved the branch.
 */
export async function commitsAfter(wp: WorkPackage, review: Attempt, run: RunContext): Promise<number> {
  const { workspace, leftovers } = run.ports
  const path = wp.worktree?.path ?? ''
  const state = await workspace.inspect(path)
  if (state.kind === 'missing' || state.branch !== wp.worktree?.branch) return 0
  const commits = await workspace.commitsSince(path, review.baseCommit)
  if (commits === null) return 0
  const { role, agent, number: attempt, cycle, process, startedAt } = review
  const lastSign = leftovers.lastSignOf({ wpId: wp.wpId, role, agent, attempt, cycle, process, startedAt })
  return madeAfter(commits, lastSign ?? Date.parse(startedAt)).length
}

/** Puts back what is in the tree before a review begins, and names nobody for it: it was not watched. */
export async function putBackUnwatched(wp: WorkPackage, at: ReviewedAt, run: RunContext): Promise<void> {
  const { workspace, store, report } = run.ports
  const { wpId } = wp
  const path = wp.worktree?.path ?? ''
  const now = await workspace.inspect(path)
  if (now.kind === 'missing') return
  const isAsItWas = !now.dirty && now.head === at.head && now.branch === at.branch
  if (isAsItWas && (await workspace.hiddenFiles(path)).length === 0) return
  const patchFile = `${store.attemptFiles(wpId, leftoversOf(wp))}.leftovers.patch`
  const why = 'its worktree was changed before its review began'
  const kept = await workspace.restore(path, at, { wpId, why, reason: 'put-back', patchFile })
  report({ type: 'tree-put-back', wpId, during: null, kept: kept.ref, since: kept.since, patch: kept.patch })
}

/** What was left in the tree by whoever was there before this review: kept under the name of the last attempt. */
function leftoversOf(wp: WorkPackage): Pick<Attempt, 'role' | 'cycle' | 'number'> {
  return wp.record.attempts.at(-1) ?? { role: 'review', cycle: wp.record.cycle, number: 0 }
}

/**
 * A reviewer looks only: what it changed is kept under a ref and put back. Commits that were made after it had ended
 * stay. True when HEAD moved, whoever moved it.
 */
export async function putBackReviewed(
  wp: WorkPackage,
  attempt: Attempt,
  at: ReviewedAt & { readonly watched: boolean },
  run: RunContext,
): Promise<boolean> {
  const { workspace, store, report } = run.ports
  const { wpId } = wp
  const path = wp.worktree?.path ?? ''
  const after = await workspace.inspect(path)
  if (after.kind === 'missing') return true
  const moved = after.head !== at.head || after.branch !== at.branch
  if (!moved && !after.dirty && (await workspace.hiddenFiles(path)).length === 0) return false
  const later = at.watched ? 0 : await commitsAfter(wp, attempt, run)
  if (later > 0) report({ type: 'commits-on-top', wpId, commits: later, head: after.head })
  const to = { head: later > 0 ? after.head : at.head, branch: at.branch }
  if (later > 0 && !after.dirty) return true
  const patchFile = `${store.attemptFiles(wpId, attempt)}.reviewer.patch`
  const why = `its worktree was changed while ${attempt.agent} reviewed it`
  const kept = await workspace.restore(path, to, { wpId, why, reason: 'reviewer-changed-tree', patchFile })
  const where = { wpId, kept: kept.ref, since: kept.since, patch: kept.patch }
  // Files have no author: what was changed while nothing watched is nobody's.
  if (!at.watched) report({ type: 'tree-put-back', during: null, ...where })
  else report({ type: 'reviewer-changed-tree', agent: attempt.agent, ...where })
  return moved
}
