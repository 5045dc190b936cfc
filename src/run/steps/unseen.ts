import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import { startsFromMission } from '../../core/mission/topology.ts'
import type { LaneWorktree, WorkPackage, WpRecord } from '../../core/work-package/work-package.ts'
import { uncoveredRanges } from '../finish/coverage.ts'
import type { GitWork } from '../git/git-work.ts'
import { othersInLane } from '../mission/lane-history.ts'
import type { RunContext } from '../run-context.ts'

/**
 * Commits in the lane of a WP that are not its own work and would be merged although no judgement covers them: made after
 * an approved commit, before the WP began, or on another branch. The reviewer is shown them too, so the verdict covers them.
 */
export async function* unseenIn(
  wp: WorkPackage,
  head: string,
  own: readonly ReviewedRange[],
  run: RunContext,
): GitWork<readonly ReviewedRange[]> {
  if (!wp.worktree) return []
  const others = othersInLane(wp, run)
  const lane = { branch: wp.worktree.branch, head, wpIds: [wp.wpId, ...others.map(({ wpId }) => wpId)] }
  return yield* uncoveredRanges(run, run.ports.store.records(), {
    tips: [head],
    lanes: [lane],
    target: targetOf(wp.worktree),
    awaited: [...own, ...others.flatMap(madeByAttempts)],
  })
}

/** Commits of attempts, which the reviewer of their own WP is shown. */
function madeByAttempts({ attempts }: WpRecord): readonly ReviewedRange[] {
  return attempts.flatMap(({ role, baseCommit: base, headCommit: head }) =>
    role === 'implementation' && head !== null ? [{ base, head }] : [],
  )
}

/** In coord topology the lanes start from the mission's own branch, so the target is what is checked out. */
function targetOf({ baseRef }: LaneWorktree): string {
  return baseRef === null || startsFromMission(baseRef) ? 'HEAD' : `refs/heads/${baseRef}`
}
