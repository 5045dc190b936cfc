import { type GraphNode, withDependencies } from '../core/graph.ts'
import type { WpId } from '../core/ids.ts'
import type { ScheduleInput } from '../core/schedule.ts'
import type { FinishStep } from '../core/step.ts'
import type { LaneWorktree, WpRecord } from '../core/work-package.ts'

export interface Standing {
  readonly node: GraphNode
  readonly record: WpRecord
  /** As far as this run met it. */
  readonly worktree: LaneWorktree | null
  /** False: `--wp` left it out. */
  readonly selected: boolean
  /** Why it is not finished and nothing more can be done here; null when it is finished or could go on. */
  readonly reason: string | null
  /** It, or what it waits for, was held: nothing is wrong, and `sko resume` goes on; null: not so. */
  readonly heldBy: HeldBy | null
}

export type HeldBy = Extract<FinishStep, { end: 'held' }>['by']

/** One that waits for a held one, or for its worktree, is held with it. */
export function heldWith(
  { wpId, lane }: GraphNode,
  held: ReadonlyMap<WpId, HeldBy>,
  { nodes, closed, laneIds }: Pick<ScheduleInput, 'nodes' | 'closed' | 'laneIds'>,
): HeldBy | null {
  if (lane === 'blocked' || lane === 'canceled' || (closed.has(wpId) && !held.has(wpId))) return null
  const laneId = laneIds.get(wpId)
  const inItsWorktree = nodes.filter(other => laneId !== undefined && laneIds.get(other.wpId) === laneId)
  const waitsFor = [...withDependencies(nodes, [wpId]), ...inItsWorktree.map(other => other.wpId)]
  return waitsFor.map(id => held.get(id)).find(by => by !== undefined) ?? null
}
