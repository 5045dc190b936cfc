import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { LaneWorktree, WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import { uncoveredRanges } from '../finish/coverage.ts'
import { othersInLane } from '../mission/lane-history.ts'
import type { RunContext } from '../run-context.ts'

/**
 * What lies in the lane of a WP beside its own work and would be merged although no judgement covers it: made behind an
 * approved commit, before the WP began, or on another branch. Its reviewer is shown it too, so that its verdict covers it.
 */
export async function unseenIn(
  wp: WorkPackage,
  head: string,
  own: readonly ReviewedRange[],
  run: RunContext,
): Promise<readonly ReviewedRange[]> {
  if (!wp.worktree) return []
  const others = othersInLane(wp, run)
  const lane = { branch: wp.worktree.branch, head, wpIds: [wp.wpId, ...others.map(({ wpId }) => wpId)] }
  return uncoveredRanges(run, run.ports.store.records(), {
    tips: [head],
    lanes: [lane],
    target: await targetOf(wp.worktree, run),
    awaited: [...own, ...others.flatMap(madeByAttempts)],
  })
}

/** That is shown to the reviewer of the WP whose attempts they are. */
function madeByAttempts({ attempts }: WpRecord): readonly ReviewedRange[] {
  return attempts.flatMap(({ role, baseCommit: base, headCommit: head }) =>
    role === 'implementation' && head !== null ? [{ base, head }] : [],
  )
}

/** In coord topology the lanes grow from the mission's own branch: then the target is what is checked out. */
function targetOf({ baseRef }: LaneWorktree, { ports }: RunContext): Promise<string | null> {
  return ports.commits.resolve(baseRef === null || baseRef.startsWith('kitty/') ? 'HEAD' : `refs/heads/${baseRef}`)
}
