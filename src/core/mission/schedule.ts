import type { LaneId, WpId } from '../ids.ts'
import { type GraphNode, remainingChains, withDependencies } from './graph.ts'
import { type Lane, laneName, occupiesWorktree, satisfiesDependents } from './lane.ts'
import { meetings } from './meeting.ts'

export interface ScheduleInput {
  readonly nodes: readonly GraphNode[]
  /** The lane of each of them. */
  readonly lanes: ReadonlyMap<WpId, Lane>
  /** The lane worktree of each WP, if the host was asked. */
  readonly laneIds: ReadonlyMap<WpId, LaneId>
  /** WPs that a driver works on now. */
  readonly active: ReadonlySet<WpId>
  /** WPs that wait for a cooldown, until when (milliseconds since the epoch). */
  readonly deferred: ReadonlyMap<WpId, number>
  /** WPs that this run does not continue: a person is needed, or someone else owns them. */
  readonly closed: ReadonlyMap<WpId, string>
  /** Planned WPs that the host calls ready although a dependency is canceled. */
  readonly released: ReadonlySet<WpId>
  /** WPs whose lane worktree the host does not report: it is not asked again. */
  readonly unresolved: ReadonlySet<WpId>
  /** WPs that are approved or done without a judgement of this run or a `sko confirm`: nothing is built on them. */
  readonly unvouched: ReadonlySet<WpId>
  /** WPs whose last agent may have left changes in their lane worktree: only they can tell what to do with them. */
  readonly unsettled: ReadonlySet<WpId>
  /** Only these; null means all. */
  readonly selected: ReadonlySet<WpId> | null
  readonly freeSlots: number
  readonly now: number
}

export interface Schedule {
  readonly start: readonly WpId[]
  /** Lane worktrees that the host must be asked for before more can be started. */
  readonly resolve: readonly WpId[]
}

/**
 * Which WPs to start now: resumed ones first, of these the ones that may have left changes in their worktree, then the
 * longest remaining chain, one WP per lane worktree. The worktree of
 * a WP is asked for, at the cost of a host call, only when another one could meet it there. That of a WP which a driver
 * works on is not asked for: the answer to its claim names it, and those that could meet it wait for that.
 */
export function schedule(input: ScheduleInput): Schedule {
  const candidates = startable(input)
  if (candidates.length === 0 || input.freeSlots <= 0) return { start: [], resolve: [] }
  const canStart = new Set(candidates)
  const occupants = input.nodes.filter(node => isOccupant(node, input) && !canStart.has(node))
  const couldMeet = candidates.length + occupants.length > 1 ? meetings(input) : () => false
  const start: GraphNode[] = []
  const resolve = new Set<WpId>()
  let waiting = 0
  for (const candidate of candidates) {
    if (start.length + waiting >= input.freeSlots) break
    const { wpId } = candidate
    const others = [...occupants, ...start].filter(other => couldMeet(wpId, other))
    const unknown = unknownLanes(wpId, others, input)
    if (unknown.length > 0) waiting += 1
    else if (isFree(wpId, { occupants, start }, input)) start.push(candidate)
    const isDriven = (id: WpId) => input.active.has(id) || start.some(other => other.wpId === id)
    for (const id of unknown) if (!isDriven(id)) resolve.add(id)
  }
  return { start: start.map(({ wpId }) => wpId), resolve: [...resolve] }
}

/** Lane worktrees that must be known before the WP can start beside these others. */
export function unknownLanes(
  wpId: WpId,
  others: readonly GraphNode[],
  { laneIds, unresolved }: Pick<ScheduleInput, 'laneIds' | 'unresolved'>,
): readonly WpId[] {
  if (others.length === 0) return []
  const ofOthers = others.map(other => other.wpId).filter(other => !laneIds.has(other) && !unresolved.has(other))
  return laneIds.has(wpId) ? ofOthers : [wpId, ...ofOthers]
}

function isOccupant({ wpId, lane }: GraphNode, { active }: ScheduleInput): boolean {
  return active.has(wpId) || occupiesWorktree(lane)
}

interface Beside {
  readonly occupants: readonly GraphNode[]
  readonly start: readonly GraphNode[]
}

/** Whether its lane worktree, as far as it is known, is free. */
function isFree(wpId: WpId, { occupants, start }: Beside, input: ScheduleInput): boolean {
  const laneId = input.laneIds.get(wpId)
  if (laneId === undefined) return true
  if (start.some(other => input.laneIds.get(other.wpId) === laneId)) return false
  // A WP that waits for another one must not keep their shared worktree from it.
  return occupants
    .filter(node => input.laneIds.get(node.wpId) === laneId)
    .every(
      node =>
        !input.active.has(node.wpId) &&
        openDependencies(node, input).length > 0 &&
        withDependencies(input.nodes, [node.wpId]).has(wpId),
    )
}

function startable(input: ScheduleInput): readonly GraphNode[] {
  const chains = remainingChains(input.nodes)
  return input.nodes
    .filter(node => {
      if (input.selected && !input.selected.has(node.wpId)) return false
      if (input.active.has(node.wpId) || input.closed.has(node.wpId)) return false
      if ((input.deferred.get(node.wpId) ?? 0) > input.now) return false
      if (node.lane === 'for_review' || node.lane === 'in_review') return true
      if (node.lane !== 'planned' && node.lane !== 'claimed' && node.lane !== 'in_progress') return false
      return openDependencies(node, input).length === 0
    })
    .toSorted((a, b) => {
      const resumed = Number(occupiesWorktree(b.lane)) - Number(occupiesWorktree(a.lane))
      const unsettled = Number(input.unsettled.has(b.wpId)) - Number(input.unsettled.has(a.wpId))
      const chain = (chains.get(b.wpId) ?? 0) - (chains.get(a.wpId) ?? 0)
      return resumed || unsettled || chain || (a.wpId < b.wpId ? -1 : 1)
    })
}

/**
 * The dependencies that must be approved or done before the WP may start or continue. A WP in progress may have been moved
 * there before its dependencies were done. Canceled dependencies of a WP in progress do not count.
 */
export function openDependencies(
  node: GraphNode,
  { lanes, released, unvouched }: Pick<ScheduleInput, 'lanes' | 'released' | 'unvouched'>,
): readonly WpId[] {
  if (released.has(node.wpId)) return []
  const holdsUp = (lane: Lane) => !satisfiesDependents(lane) && !(node.lane === 'in_progress' && lane === 'canceled')
  return node.dependencies.filter(id => unvouched.has(id) || holdsUp(lanes.get(id) ?? 'planned'))
}

type Due = Pick<ScheduleInput, 'nodes' | 'deferred' | 'closed' | 'now'>

/** When the first deferred WP may continue, milliseconds since the epoch; infinite: there is none. */
export function nextDue({ nodes, deferred, closed, now }: Due): number {
  const isOpen = ({ wpId, lane }: GraphNode) => !closed.has(wpId) && (lane === 'planned' || occupiesWorktree(lane))
  // A WP that is due but was not started waits for a slot or a worktree, not for a time.
  const due = nodes.filter(isOpen).map(({ wpId }) => deferred.get(wpId) ?? now)
  return Math.min(...due.filter(until => until > now))
}

/** Planned WPs whose only unsatisfied dependencies are canceled: only the host's list-ready knows whether they may start. */
export function heldByCanceled(input: Pick<ScheduleInput, 'nodes' | 'closed' | 'released'>): readonly WpId[] {
  const byId = new Map(input.nodes.map(node => [node.wpId, node]))
  return input.nodes
    .filter(node => node.lane === 'planned' && !input.closed.has(node.wpId) && !input.released.has(node.wpId))
    .filter(node => {
      const open = node.dependencies.filter(id => !satisfiesDependents(byId.get(id)?.lane ?? 'planned'))
      return open.length > 0 && open.every(id => byId.get(id)?.lane === 'canceled')
    })
    .map(node => node.wpId)
}

type Standpoint = Pick<ScheduleInput, 'nodes' | 'lanes' | 'closed' | 'released' | 'laneIds' | 'unvouched'>

/** Why an unfinished WP cannot start, in a sentence for a person; null when it can, or when it is running. */
export function whyNotReady(node: GraphNode, input: Standpoint): string | null {
  if (satisfiesDependents(node.lane)) return input.unvouched.has(node.wpId) ? approvedByOthers(node) : null
  if (node.lane === 'canceled')
    return 'it is canceled, and the host does not accept a mission with a canceled work package'
  const closed = input.closed.get(node.wpId)
  if (closed) return closed
  if (node.lane === 'blocked') return 'it is blocked'
  if (typeof node.lane !== 'string') return `its lane '${laneName(node.lane)}' is unknown to this version of sko`
  if (node.lane === 'for_review' || node.lane === 'in_review') {
    return heldWorktree(node, input, keepsWorktree(node, input))
  }
  const open = openDependencies(node, input)
  if (open.length > 0) {
    return `it waits for ${open.map(id => `${id} (${laneName(input.lanes.get(id) ?? 'planned')})`).join(', ')}`
  }
  return heldWorktree(node, input, node.lane === 'in_progress' ? keepsWorktree(node, input) : undefined)
}

function approvedByOthers({ wpId, lane }: GraphNode): string {
  return `it is ${laneName(lane)}, but not by a review of this run: someone else moved it there, and a person has to confirm ${wpId}`
}

/**
 * Two WPs in progress use their worktree one after the other. A WP keeps the worktree while it is closed, or while it
 * waits for a WP other than this one.
 */
function keepsWorktree(node: GraphNode, input: Standpoint): (other: GraphNode) => boolean {
  return other =>
    input.closed.has(other.wpId) ||
    (openDependencies(other, input).length > 0 && !withDependencies(input.nodes, [other.wpId]).has(node.wpId))
}

function heldWorktree(
  node: GraphNode,
  input: Standpoint,
  holds: (other: GraphNode) => boolean = () => true,
): string | null {
  const laneId = input.laneIds.get(node.wpId)
  if (!laneId) return null
  const holder = input.nodes.find(
    other => other !== node && occupiesWorktree(other.lane) && input.laneIds.get(other.wpId) === laneId && holds(other),
  )
  return holder ? `its lane worktree ${laneId} is held by ${holder.wpId} (${laneName(holder.lane)})` : null
}
