import type { LaneId, WpId } from '../core/ids.ts'
import type { LaneWorktree } from '../core/work-package.ts'
import { resolveLanes } from './resolve-lanes.ts'
import type { RunContext } from './run-context.ts'
import type { Troubles } from './troubles.ts'

/** Which lane worktree each WP uses, as far as the host has told. It may tell another one once the mission has changed. */
export interface LanesKnown {
  readonly laneIds: ReadonlyMap<WpId, LaneId>
  /** Those that this run has met. */
  readonly worktrees: ReadonlyMap<WpId, LaneWorktree>
  met(wpId: WpId, worktree: LaneWorktree): void
  /** `isQuiet`: nobody waits for the answer about this one. */
  learn(wpIds: readonly WpId[], isQuiet: (wpId: WpId) => boolean): Promise<void>
  /** WPs of which the host was asked in vain just now. */
  unresolved(): ReadonlySet<WpId>
  /** The mission has changed: all but those at work are asked for anew. */
  forget(isAtWork: (wpId: WpId) => boolean): void
}

export function createLanesKnown(run: RunContext, troubles: Troubles): LanesKnown {
  const laneIds = new Map<WpId, LaneId>()
  const worktrees = new Map<WpId, LaneWorktree>()
  const asked = new Set<WpId>()
  const what = 'lane'
  return {
    laneIds,
    worktrees,
    met: (wpId, worktree) => {
      laneIds.set(wpId, worktree.laneId)
      worktrees.set(wpId, worktree)
    },
    learn: async (wpIds, isQuiet) => {
      const lanes = await resolveLanes(run, wpIds)
      for (const [wpId, lane] of lanes) {
        if (lane.kind === 'unknown') {
          asked.add(wpId)
          troubles.meet(wpId, what, lane.reason, isQuiet(wpId))
          continue
        }
        laneIds.set(wpId, lane.laneId)
        asked.delete(wpId)
        if (troubles.of(wpId)?.what === what) troubles.over(wpId)
      }
    },
    unresolved: () => new Set([...asked].filter(wpId => troubles.isEarly(wpId, what))),
    forget: isAtWork => {
      for (const wpId of laneIds.keys()) if (!isAtWork(wpId)) laneIds.delete(wpId)
      asked.clear()
    },
  }
}
