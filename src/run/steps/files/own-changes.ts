import type { ReviewedRange } from '../../../core/judgement/coverage.ts'
import { approvedCommit } from '../../../core/judgement/vouching.ts'
import type { TreeChange } from '../../../core/work-package/lost.ts'
import { ownStretches, type Stretch, type TreeAt } from '../../../core/work-package/own-work.ts'
import type { WorkPackage } from '../../../core/work-package/work-package.ts'
import { type GitWork, inParallel, need } from '../../git/git-work.ts'
import { othersInLane } from '../../mission/lane-history.ts'
import type { RunContext } from '../../run-context.ts'

/** The most files that a refusal names. */
export const mostNamed = 50

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
  const merged = yield* mergedOnRequest(wp, history, run)
  async function* changesIn(own: Stretch): GitWork<readonly TreeChange[]> {
    const changed = yield* need(workspace.changes(path, own.base.commit, own.head.commit))
    const fromOthers = yield* inParallel(merged.map(other => need(workspace.changes(path, other, own.head.commit))))
    // A file that is as the other work has it was changed there.
    return changed.filter(({ path: name }) => fromOthers.every(differs => differs.some(other => other.path === name)))
  }
  return (yield* inParallel(stretches.map(changesIn))).flat()
}

/**
 * Commits that its attempts have merged because the work goes together with others only so: approved work of other WPs, or
 * what is on the target. Any other merged commit counts as the WP's own, or an agent could hide its changes in one.
 */
export async function* mergedOnRequest(
  { wpId }: WorkPackage,
  history: readonly TreeAt[],
  run: RunContext,
): GitWork<readonly string[]> {
  const { commits, store } = run.ports
  const [first] = history
  const last = history.at(-1)
  const merges = new Set(history.filter(({ merge }) => merge).map(({ commit }) => commit))
  if (!first || !last || merges.size === 0) return []
  const graph = yield* need(commits.graph([last.commit], [first.commit]))
  const merged = graph.flatMap(({ commit, parents }) => (merges.has(commit) ? parents.slice(1) : []))
  const approved = new Set(store.records().flatMap(other => (other.wpId === wpId ? [] : (approvedCommit(other) ?? []))))
  const isOthers = await Promise.all(
    merged.map(async commit => approved.has(commit) || (await commits.isAncestor(commit, 'HEAD'))),
  )
  return merged.filter((_, index) => isOthers[index])
}
