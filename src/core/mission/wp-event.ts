import type { LaneId, WpId } from '../ids.ts'
import type { ActiveStep, DriverEnd } from '../work-package/step.ts'
import { type Lane, movedByOthers } from './lane.ts'
import { idle, type WpInRun, type WpState } from './mission-run.ts'
import { type Trouble, troubleAfter } from './trouble.ts'

/** What happens to one WP. Times are milliseconds since the epoch. */
export type WpRunEvent = { readonly wpId: WpId } & (
  | { readonly type: 'started' }
  | { readonly type: 'step-began'; readonly step: ActiveStep }
  | { readonly type: 'ended'; readonly end: DriverEnd; readonly now: number }
  | { readonly type: 'taken-away'; readonly from: Lane; readonly to: Lane }
  | { readonly type: 'skip-began' }
  | { readonly type: 'skip-failed' }
  | { readonly type: 'lane-known'; readonly laneId: LaneId }
  | { readonly type: 'release-answered'; readonly released: true }
  | { readonly type: 'release-answered'; readonly released: false; readonly reason: string }
  | HostUnanswered
)

/** `waits`: the WP could begin but for the answer. Otherwise only the WPs around it need the answer. */
export interface HostUnanswered {
  readonly type: 'host-unanswered'
  readonly wpId: WpId
  readonly what: 'lane' | 'list-ready'
  readonly reason: string
  readonly waits: boolean
  readonly now: number
  /** How long the host was asked. */
  readonly tookMs: number
}

export function applyWpEvent(wp: WpInRun, event: WpRunEvent): WpInRun {
  const { state, trouble } = wp
  switch (event.type) {
    case 'started':
      return withState(
        wp,
        ifOpen(state, released => ({ kind: 'active', step: null, takenAway: null, released })),
      )
    case 'step-began':
      return state.kind === 'active' ? { ...wp, state: { ...state, step: event.step } } : wp
    case 'ended':
      return afterEnd(wp, event.end, event.now)
    case 'taken-away':
      return withState(wp, afterMoveByOthers(state, movedByOthers(event.from, event.to)))
    case 'skip-began':
      return { ...wp, skipping: true }
    case 'skip-failed':
      return { ...wp, skipping: false }
    case 'lane-known': {
      const lane = { kind: 'known', laneId: event.laneId } as const
      return { ...wp, lane, trouble: trouble?.what === 'lane' ? null : trouble }
    }
    case 'release-answered':
      return { ...withState(wp, event.released ? released(state) : refused(state, event.reason)), trouble: null }
    case 'host-unanswered':
      return afterNoAnswer(wp, event)
  }
}

function afterEnd(wp: WpInRun, end: DriverEnd, now: number): WpInRun {
  if (wp.state.kind !== 'active') return wp
  const before = wp.trouble ?? undefined
  const trouble = end?.kind === 'unanswered' ? troubleAfter(before, end.step, end.reason, now, end.tookMs) : null
  return { ...wp, trouble, state: stateAfterEnd(wp.state, end, trouble) }
}

/** The end of its driver takes precedence over a move by someone else. */
function stateAfterEnd(
  { takenAway, released }: Extract<WpState, { kind: 'active' }>,
  end: DriverEnd,
  trouble: Trouble | null,
): WpState {
  if (end?.kind === 'finish' && end.end === 'held') return { kind: 'held', by: end.by, reason: end.reason }
  if (end?.kind === 'finish' && end.end === 'needs-person') {
    return { kind: 'closed', because: 'needs-person', reason: end.reason }
  }
  if (takenAway !== null) return { kind: 'taken-away', reason: takenAway }
  if (end?.kind === 'wait') return { kind: 'waiting', until: end.until, released }
  return trouble ? { kind: 'waiting', until: trouble.askAgainAt, released } : { kind: 'idle', released }
}

function afterMoveByOthers(state: WpState, reason: string): WpState {
  if (state.kind === 'active') return { ...state, takenAway: reason }
  return ifOpen(state, () => ({ kind: 'taken-away', reason }))
}

function afterNoAnswer(wp: WpInRun, { what, reason, waits, now, tookMs }: HostUnanswered): WpInRun {
  const trouble = troubleAfter(wp.trouble ?? undefined, what, reason, now, tookMs)
  const lane = what === 'lane' ? ({ kind: 'unanswered' } as const) : wp.lane
  const until = trouble.askAgainAt
  const state = waits ? ifOpen(wp.state, released => ({ kind: 'waiting', until, released })) : wp.state
  return { ...wp, trouble, lane, state }
}

function released(state: WpState): WpState {
  return state.kind === 'idle' || state.kind === 'waiting' ? { ...state, released: true } : state
}

function refused(state: WpState, reason: string): WpState {
  return ifOpen(state, () => ({ kind: 'closed', because: 'not-released', reason }))
}

/** Removes what list-ready said. */
export function withoutRelease(state: WpState): WpState {
  switch (state.kind) {
    case 'idle':
    case 'waiting':
    case 'active':
      return state.released ? { ...state, released: false } : state
    case 'closed':
      return state.because === 'not-released' ? idle : state
    case 'held':
    case 'taken-away':
      return state
  }
}

/** A state in which the WP may begin is replaced. Any other stays. */
function ifOpen(state: WpState, next: (released: boolean) => WpState): WpState {
  return state.kind === 'idle' || state.kind === 'waiting' ? next(state.released) : state
}

export function withState(wp: WpInRun, state: WpState): WpInRun {
  return state === wp.state ? wp : { ...wp, state }
}
