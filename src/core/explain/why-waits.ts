import type { LaneId, WpId } from '../ids.ts'
import type { GraphNode } from '../mission/graph.ts'
import { type Lane, occupiesWorktree, satisfiesDependents } from '../mission/lane.ts'
import { meetings } from '../mission/meeting.ts'
import { openDependencies, type Schedule, type ScheduleInput, unknownLanes } from '../mission/schedule.ts'
import type { Obstacle } from './entry.ts'

/** Why a WP that is neither finished nor driven does not begin. */
export type WhyWaits =
  | { readonly kind: 'not-selected' }
  | { readonly kind: 'closed'; readonly reason: string }
  | { readonly kind: 'time'; readonly until: number; readonly reason: string }
  /** `unvouched`: approved or done, but no review of the run and no person says so. */
  | {
      readonly kind: 'dependencies'
      readonly on: readonly { readonly wpId: WpId; readonly lane: Lane; readonly unvouched: boolean }[]
    }
  /** A person is needed, or it is not to be done: `blocked`, `canceled`, one that this version does not know. */
  | { readonly kind: 'lane' }
  | { readonly kind: 'slots'; readonly taken: readonly WpId[] }
  | { readonly kind: 'worktree'; readonly laneId: LaneId; readonly by: WpId }
  /** The host is asked first which lane worktrees these WPs use. */
  | { readonly kind: 'worktrees-unknown'; readonly of: readonly WpId[] }
  | { readonly kind: 'obstacle'; readonly because: Obstacle }

export interface Moment {
  readonly input: ScheduleInput
  readonly chosen: Schedule
  readonly obstacle: Obstacle | null
  /** Why a WP waits for a time. */
  readonly reasonOf: (wpId: WpId) => string
}

/** null: it does not wait. */
export function whyWaits(node: GraphNode, { input, chosen, obstacle, reasonOf }: Moment): WhyWaits | null {
  const { wpId, lane } = node
  if (input.active.has(wpId) || satisfiesDependents(lane)) return null
  if (input.selected && !input.selected.has(wpId)) return { kind: 'not-selected' }
  const closed = input.closed.get(wpId)
  if (closed !== undefined) return { kind: 'closed', reason: closed }
  const until = input.deferred.get(wpId) ?? 0
  if (until > input.now) return { kind: 'time', until, reason: reasonOf(wpId) }
  const isReview = lane === 'for_review' || lane === 'in_review'
  if (!isReview && lane !== 'planned' && lane !== 'claimed' && lane !== 'in_progress') return { kind: 'lane' }
  const open = isReview ? [] : openDependencies(node, input)
  if (open.length > 0) return { kind: 'dependencies', on: open.map(id => dependency(id, input)) }
  if (obstacle) return { kind: 'obstacle', because: obstacle }
  return chosen.start.includes(wpId) ? null : whyNotNow(wpId, input, chosen)
}

function dependency(wpId: WpId, { nodes, unvouched }: ScheduleInput) {
  const lane = nodes.find(node => node.wpId === wpId)?.lane ?? 'planned'
  return { wpId, lane, unvouched: unvouched.has(wpId) }
}

/** It could begin, and others were chosen. */
function whyNotNow(wpId: WpId, input: ScheduleInput, { start, resolve }: Schedule): WhyWaits {
  const taken = [...input.active, ...start]
  const laneId = input.laneIds.get(wpId)
  const holds = (other: GraphNode) =>
    other.wpId !== wpId && laneId !== undefined && input.laneIds.get(other.wpId) === laneId
  const holder =
    input.nodes.find(node => holds(node) && taken.includes(node.wpId)) ??
    input.nodes.find(node => holds(node) && occupiesWorktree(node.lane))
  if (holder && laneId !== undefined) return { kind: 'worktree', laneId, by: holder.wpId }
  // One that was not looked at for want of a slot is not asked for either.
  const unknown = resolve.includes(wpId) || laneId !== undefined ? unknownBefore(wpId, input, start) : []
  return unknown.length > 0 ? { kind: 'worktrees-unknown', of: unknown } : { kind: 'slots', taken }
}

function unknownBefore(wpId: WpId, input: ScheduleInput, start: readonly WpId[]): readonly WpId[] {
  const couldMeet = meetings(input)
  const isThere = ({ wpId: other, lane }: GraphNode) =>
    input.active.has(other) || start.includes(other) || occupiesWorktree(lane)
  const others = input.nodes.filter(node => node.wpId !== wpId && isThere(node) && couldMeet(wpId, node))
  return unknownLanes(wpId, others, input)
}
