import type { WpId } from '../../core/ids.ts'
import { type GraphNode, withDependencies } from '../../core/mission/graph.ts'
import { inRun, type MissionRun } from '../../core/mission/mission-run.ts'
import { type ScheduleInput, whyNotReady } from '../../core/mission/schedule.ts'
import type { HeldBy } from '../../core/work-package/step.ts'
import type { LaneWorktree, WpRecord } from '../../core/work-package/work-package.ts'

export interface Standing {
  readonly node: GraphNode
  readonly record: WpRecord
  /** As far as this run met it. */
  readonly worktree: LaneWorktree | null
  /** False: `--wp` left it out. */
  readonly selected: boolean
  /** Approved or done, and no judgement of ours or word of a person says so. */
  readonly unvouched: boolean
  /** Why it is not finished and nothing more can be done here; null when it is finished or could go on. */
  readonly reason: string | null
  /** It, or what it waits for, was held: nothing is wrong, and `sko resume` goes on; null: not so. */
  readonly heldBy: HeldBy | null
}

/**
 * Where every WP stands once no agent runs any more. `stopped`: the run was stopped, which leaves most WPs waiting
 * without anything being wrong with them.
 */
export function standingsOf(mission: MissionRun, last: ScheduleInput, stopped: boolean): readonly Standing[] {
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

/** One that waits for a held one, or for its worktree, is held with it. */
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
