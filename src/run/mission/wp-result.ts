import type { WpId } from '../../core/ids.ts'
import { type GraphNode, withDependencies } from '../../core/mission/graph.ts'
import { inRun, type MissionRun } from '../../core/mission/mission-run.ts'
import { type ScheduleInput, whyNotReady } from '../../core/mission/schedule.ts'
import type { HeldBy } from '../../core/work-package/step.ts'
import type { LaneWorktree, WpRecord } from '../../core/work-package/work-package.ts'

/** Where a WP is when the run ends. */
export interface WpResult {
  readonly node: GraphNode
  readonly record: WpRecord
  /** null when this run did not meet it. */
  readonly worktree: LaneWorktree | null
  /** False when `--wp` left it out. */
  readonly selected: boolean
  /** True when it is approved or done without a judgement of this run or a `sko confirm`. */
  readonly unvouched: boolean
  /** Why it is not finished and cannot continue in this run; null when it is finished or could continue. */
  readonly reason: string | null
  /** Set when it, or a WP it waits for, was held: nothing is wrong, and `sko resume` continues. */
  readonly heldBy: HeldBy | null
}

/**
 * The state of every WP when no agent is running. `stopped`: the run was stopped, so most WPs wait although nothing is
 * wrong with them.
 */
export function wpResultsOf(mission: MissionRun, last: ScheduleInput, stopped: boolean): readonly WpResult[] {
  return last.nodes.map(node => {
    const { record, worktree } = inRun(mission, node.wpId)
    const selected = last.selected?.has(node.wpId) ?? true
    const blockedBecause = node.lane === 'blocked' ? record.halt?.reason : undefined
    const waits = stopped ? (last.closed.get(node.wpId) ?? null) : whyNotReady(node, last)
    const reason = selected ? (blockedBecause ?? waits) : null
    const heldBy = reason === null ? null : heldWith(node, mission, last)
    return { node, record, worktree, selected, unvouched: last.unvouched.has(node.wpId), reason, heldBy }
  })
}

/** A WP that waits for a held WP, or for its worktree, is held too. */
function heldWith(
  { wpId, lane }: GraphNode,
  mission: MissionRun,
  { nodes, closed, laneIds }: Pick<ScheduleInput, 'nodes' | 'closed' | 'laneIds'>,
): HeldBy | null {
  if (lane === 'blocked' || lane === 'canceled' || (closed.has(wpId) && heldBy(mission, wpId) === null)) return null
  const laneId = laneIds.get(wpId)
  const inItsWorktree = nodes.filter(other => laneId !== undefined && laneIds.get(other.wpId) === laneId)
  const waitsFor = [...withDependencies(nodes, [wpId]), ...inItsWorktree.map(other => other.wpId)]
  return waitsFor.map(id => heldBy(mission, id)).find(by => by !== null) ?? null
}

function heldBy(mission: MissionRun, wpId: WpId): HeldBy | null {
  const { state } = inRun(mission, wpId)
  return state.kind === 'held' ? state.by : null
}
