import type { LaneId, WpId } from '../ids.ts'
import { mayHaveLeft } from '../work-package/cut-off.ts'
import type { WpRecord } from '../work-package/work-package.ts'
import { lanesOf, withDependencies } from './graph.ts'
import { meetings } from './meeting.ts'
import { closedReason, inRun, type MissionRun, type WpInRun, type WpState } from './mission-run.ts'
import { heldByCanceled, nextDue, type ScheduleInput } from './schedule.ts'
import { hasLasted } from './trouble.ts'

/** What the schedule needs and the loop does not keep. */
export interface ScheduleFacts {
  /** `--wp`; null: all. */
  readonly onlyWps: readonly WpId[] | null
  readonly maxConcurrentWps: number
  readonly unvouched: ReadonlySet<WpId>
  /** Milliseconds since the epoch. */
  readonly now: number
}

export function scheduleInput(mission: MissionRun, facts: ScheduleFacts): ScheduleInput {
  const active = activeWps(mission)
  return {
    nodes: mission.nodes,
    lanes: lanesOf(mission.nodes),
    laneIds: pick(mission, laneIdOf),
    active,
    deferred: pick(mission, waitsUntil),
    closed: pick(mission, closedReason),
    released: new Set(pick(mission, ({ state }) => isReleased(state) || null).keys()),
    unresolved: new Set(pick(mission, wp => isUnresolved(wp, facts.now) || null).keys()),
    unvouched: facts.unvouched,
    unsettled: new Set(pick(mission, ({ record }) => mayHaveLeft(record) || null).keys()),
    selected: facts.onlyWps && withDependencies(mission.nodes, facts.onlyWps),
    freeSlots: facts.maxConcurrentWps - active.size,
    now: facts.now,
  }
}

/** The WPs about which only list-ready can say whether they may begin. */
export function needingRelease(mission: MissionRun): readonly WpId[] {
  // A WP that list-ready refused needs the release still.
  const closed = pick(mission, wp => (isRefused(wp.state) ? null : closedReason(wp)))
  return heldByCanceled({ nodes: mission.nodes, closed, released: new Set() })
}

/** Those of them that list-ready has not answered about. It is not asked about a WP that a driver is claiming. */
export function unansweredReleases(mission: MissionRun, wpIds: readonly WpId[], now: number): readonly WpId[] {
  return wpIds.filter(wpId => {
    const { state, trouble } = inRun(mission, wpId)
    const answered = isReleased(state) || isRefused(state)
    return !answered && state.kind !== 'active' && !isEarly(trouble, 'list-ready', now)
  })
}

/** Whether the WP could begin now if the host answered what is asked about it. */
export function canBegin(mission: MissionRun, wpId: WpId, now: number): boolean {
  const wp = inRun(mission, wpId)
  return closedReason(wp) === null && wp.state.kind !== 'active' && (waitsUntil(wp) ?? 0) <= now
}

/** When the first waiting WP may continue, milliseconds since the epoch; infinite: none waits. `except`: not counted. */
export function nextStart(mission: MissionRun, now: number, except: ReadonlySet<WpId> = new Set()): number {
  const waiting = [...pick(mission, waitsUntil)].filter(([wpId]) => !except.has(wpId))
  return nextDue({ nodes: mission.nodes, deferred: new Map(waiting), closed: pick(mission, closedReason), now })
}

/** The reasons of WPs that have failed for longer than the run's patience. They are still tried again. */
export function lastingTroubles(mission: MissionRun, patienceSeconds: number): ReadonlyMap<WpId, string> {
  return pick(mission, ({ trouble }) => (trouble && hasLasted(trouble, patienceSeconds) ? trouble.reason : null))
}

/**
 * Whether a driver does more than retry what has failed for long. Such a retry does not keep other retries alive:
 * otherwise two of them could keep each other going forever.
 */
export function hasOtherWork(mission: MissionRun, patienceSeconds: number): boolean {
  const hopeful = pick(mission, ({ state, trouble }) => {
    if (state.kind !== 'active') return null
    const tries = [null, 'resolve', trouble?.what].includes(state.step?.kind ?? null)
    return trouble && hasLasted(trouble, patienceSeconds) && tries ? null : true
  })
  return hopeful.size > 0
}

export function activeWps(mission: MissionRun): ReadonlySet<WpId> {
  return new Set(pick(mission, ({ state }) => state.kind === 'active' || null).keys())
}

/** Whether a driver of another WP works, or could work, in the lane worktree of this one. */
export function couldMeetAnother(wpId: WpId, mission: MissionRun): boolean {
  const active = activeWps(mission)
  const others = [...active].filter(other => other !== wpId)
  if (others.length === 0) return false
  const { nodes } = mission
  const couldMeet = meetings({ nodes, active, laneIds: pick(mission, laneIdOf) })
  const there = new Map(nodes.map(node => [node.wpId, node]))
  return others.some(other => couldMeet(wpId, there.get(other) ?? { wpId: other, lane: 'planned', dependencies: [] }))
}

export function recordsIn(mission: MissionRun): ReadonlyMap<WpId, WpRecord> {
  return pick(mission, ({ record }) => record)
}

function laneIdOf({ lane }: WpInRun): LaneId | null {
  return lane.kind === 'known' ? lane.laneId : null
}

function waitsUntil({ state }: WpInRun): number | null {
  return state.kind === 'waiting' ? state.until : null
}

function isReleased(state: WpState): boolean {
  return 'released' in state && state.released
}

function isRefused(state: WpState): boolean {
  return state.kind === 'closed' && state.because === 'not-released'
}

function isUnresolved({ lane, trouble }: WpInRun, now: number): boolean {
  return lane.kind === 'unanswered' && isEarly(trouble, 'lane', now)
}

/** Whether it is too early to ask for this again. A time in the past of a clock that was set back says nothing. */
function isEarly(trouble: WpInRun['trouble'], what: string, now: number): boolean {
  return trouble?.what === what && now >= trouble.metAt && now < trouble.askAgainAt
}

function pick<T>({ workPackages }: MissionRun, value: (wp: WpInRun) => T | null): ReadonlyMap<WpId, T> {
  const picked = new Map<WpId, T>()
  for (const [wpId, wp] of workPackages) {
    const found = value(wp)
    if (found !== null) picked.set(wpId, found)
  }
  return picked
}
