import { type GraphNode, withDependencies } from '../core/graph.ts'
import type { WpId } from '../core/ids.ts'
import { type ScheduleInput, whyNotReady } from '../core/schedule.ts'
import type { FinishStep } from '../core/step.ts'
import { type LaneWorktree, newRecord, type WpRecord } from '../core/work-package.ts'

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

export type HeldBy = Extract<FinishStep, { end: 'held' }>['by']

export interface Known {
  readonly known: ReadonlyMap<WpId, WpRecord>
  readonly worktrees: ReadonlyMap<WpId, LaneWorktree>
  readonly held: ReadonlyMap<WpId, HeldBy>
  /** A run that was stopped leaves most WPs waiting, which is nobody's trouble. */
  readonly stopped: boolean
}

/** Where every WP stands once nothing is at work any more. */
export function standingsOf(last: ScheduleInput, { known, worktrees, held, stopped }: Known): readonly Standing[] {
  return last.nodes.map(node => {
    const record = known.get(node.wpId) ?? newRecord(node.wpId)
    const selected = last.selected?.has(node.wpId) ?? true
    const blockedBecause = node.lane === 'blocked' ? record.halt?.reason : undefined
    const waits = stopped ? (last.closed.get(node.wpId) ?? null) : whyNotReady(node, last)
    const reason = selected ? (blockedBecause ?? waits) : null
    const heldBy = reason === null ? null : heldWith(node, held, last)
    const unvouched = last.unvouched.has(node.wpId)
    return { node, record, worktree: worktrees.get(node.wpId) ?? null, selected, unvouched, reason, heldBy }
  })
}

/** One that waits for a held one, or for its worktree, is held with it. */
function heldWith(
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
