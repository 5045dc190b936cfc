import { nearCeiling, whatIsUsed } from '../core/budget/budget-words.ts'
import { duration } from '../core/format.ts'
import type { WpId } from '../core/ids.ts'
import { lanes } from '../core/mission/lane.ts'
import type { Role } from '../core/work-package/work-package.ts'
import type { BudgetReported, Event } from '../run/events/event.ts'
import type { OffBoard } from './left-out.ts'

export interface BoardState {
  readonly mission: string
  readonly total: number
  readonly startedAt: number
  /** WPs per lane, as the host last reported and as we have moved them since. */
  readonly lanes: Readonly<Record<string, number>>
  readonly running: ReadonlyMap<WpId, RunningAttempt>
  /** WPs that wait for a cooldown, a budget or a person. */
  readonly held: ReadonlyMap<WpId, Held>
  /** Text about a ceiling of the whole run that is near or reached. */
  readonly budget: string | null
  readonly paused: boolean
  /** The key p pauses and continues. */
  readonly takesKeys: boolean
}

interface Held {
  readonly reason: string
  readonly needsPerson: boolean
}

export interface RunningAttempt {
  readonly role: Role
  readonly agent: string
  readonly attempt: number
  readonly cycle: number
  readonly startedAt: number
  /** Path prefix of the attempt's files. */
  readonly log: string
  readonly quiet: Quiet | null
}

/** A warning that holds until there is output, or until the time at which the attempt would have been stopped. */
interface Quiet {
  readonly seconds: number
  readonly warnedAt: number
  readonly untilAt: number
}

export const emptyBoard: BoardState = {
  mission: '',
  total: 0,
  startedAt: 0,
  lanes: {},
  running: new Map(),
  held: new Map(),
  budget: null,
  paused: false,
  takesKeys: false,
}

/** An agent runs at most this long after the inactivity limit. */
const noticedWithinMs = 5000

/** The board after an event. */
export function boardAfter(state: BoardState, event: Event): BoardState {
  const at = Date.parse(event.at)
  switch (event.type) {
    case 'run-started':
      return { ...state, mission: event.mission, total: event.workPackages, startedAt: at }
    case 'looked':
      return { ...state, lanes: event.lanes }
    case 'lane-changed': {
      const count = (lane: string) => state.lanes[lane] ?? 0
      const lanes = {
        ...state.lanes,
        [event.from]: Math.max(0, count(event.from) - 1),
        [event.to]: count(event.to) + 1,
      }
      return { ...state, lanes, held: without(state.held, event.wpId) }
    }
    case 'attempt-started':
    case 'attempt-adopted': {
      const { role, agent, attempt, cycle, log } = event
      const startedAt = event.type === 'attempt-adopted' ? Date.parse(event.startedAt) : at
      const shown = { role, agent, attempt, cycle, startedAt, log, quiet: null }
      return { ...state, running: new Map(state.running).set(event.wpId, shown), held: without(state.held, event.wpId) }
    }
    case 'agent-quiet': {
      const attempt = state.running.get(event.wpId)
      if (attempt === undefined) return state
      const untilAt = at + (event.limitSeconds - event.quietSeconds) * 1000 + noticedWithinMs
      const quiet = { seconds: event.quietSeconds, warnedAt: at, untilAt }
      return { ...state, running: new Map(state.running).set(event.wpId, { ...attempt, quiet }) }
    }
    case 'attempt-ended':
      return { ...state, running: without(state.running, event.wpId) }
    case 'paused':
      return { ...state, paused: true }
    case 'continued':
      return { ...state, paused: false }
    case 'wp-waiting':
      return withHeld(state, event.wpId, `waits until ${event.until.slice(11, 19)}: ${event.reason}`)
    case 'needs-person':
      return withHeld(state, event.wpId, `needs attention -> ${event.next[0]?.command}: ${event.reason}`, true)
    case 'budget':
      return afterBudget(state, event)
    default:
      return unchanged(state, event.type)
  }
}

function unchanged(state: BoardState, _: OffBoard): BoardState {
  return state
}

function afterBudget(state: BoardState, event: BudgetReported): BoardState {
  const { wpId, level } = event
  if (wpId === null) return { ...state, budget: level === 'warned' ? nearCeiling(event) : `held: ${whatIsUsed(event)}` }
  if (level === 'warned') return state
  return withHeld(state, wpId, `held: ${whatIsUsed(event)}`)
}

function withHeld(state: BoardState, wpId: WpId, reason: string, needsPerson = false): BoardState {
  return { ...state, held: new Map(state.held).set(wpId, { reason, needsPerson }) }
}

function without<V>(map: ReadonlyMap<WpId, V>, key: WpId): ReadonlyMap<WpId, V> {
  if (!map.has(key)) return map
  const next = new Map(map)
  next.delete(key)
  return next
}

export interface BoardSize {
  readonly columns: number
  readonly rows: number
}

/**
 * The board's lines, none wider than the terminal and never more than half of its rows.
 * `silentMs` returns how long an attempt's log has not grown; null when that is not known.
 */
export function boardLines(
  state: BoardState,
  now: number,
  size: BoardSize,
  silentMs: (log: string) => number | null,
): readonly string[] {
  if (state.total === 0) return []
  const shown = shownOf(state, Math.max(2, Math.floor(size.rows / 2) - 3))
  const running = shown.running.map(([wpId, attempt]) => {
    const silent = silentMs(attempt.log)
    const activity = silent === null ? '' : `, last output ${duration(silent)} ago`
    const which = `attempt ${attempt.attempt}, cycle ${attempt.cycle}`
    const warning = warningOf(attempt.quiet, now, silent)
    return `  ${wpId} ${warning}${attempt.role} by ${attempt.agent} (${which}) for ${duration(now - attempt.startedAt)}${activity}`
  })
  const held = shown.held.map(([wpId, { reason }]) => `  ${wpId} ${reason}`)
  const all = [laneLine(state), progressLine(state, now), ...pausedLine(state), ...running, ...held, ...shown.more]
  return all.map(line => cut(line, size.columns - 1))
}

/** In `room` lines: what runs, then what needs a person, then what waits, and a count of the rest. */
function shownOf({ running, held }: BoardState, room: number) {
  const count = running.size + held.size
  if (count <= room) return { running: [...running], held: [...held], more: [] }
  const persons = [...held].filter(([, { needsPerson }]) => needsPerson)
  const waiting = [...held].filter(([, { needsPerson }]) => !needsPerson)
  const runs = [...running].slice(0, room - 1)
  const holds = [...persons, ...waiting].slice(0, room - 1 - runs.length)
  const parts = [
    [running.size - runs.length, 'run'],
    [Math.max(0, persons.length - holds.length), 'need attention'],
    [Math.min(waiting.length, held.size - holds.length), 'wait'],
  ].flatMap(([number, what]) => (number === 0 ? [] : [`${number} ${what}`]))
  return { running: runs, held: holds, more: [`  … and ${count - room + 1} more: ${parts.join(', ')}`] }
}

/** Printed first, so that a narrow terminal does not cut it off. */
function warningOf(quiet: Quiet | null, now: number, silentMs: number | null): string {
  if (quiet === null || now > quiet.untilAt) return ''
  const hasSpoken = silentMs !== null && silentMs < now - quiet.warnedAt
  return hasSpoken ? '' : `no sign of life for ${duration(quiet.seconds * 1000)}: `
}

function laneLine(state: BoardState): string {
  const known: readonly string[] = lanes.filter(lane => state.lanes[lane])
  const others = Object.keys(state.lanes).filter(lane => !known.includes(lane) && state.lanes[lane])
  return `── ${state.mission}  ${[...known, ...others].map(lane => `${lane} ${state.lanes[lane]}`).join('  ')}`
}

function progressLine(state: BoardState, now: number): string {
  const done = (state.lanes.done ?? 0) + (state.lanes.approved ?? 0)
  const elapsed = now - state.startedAt
  const eta = done > 0 && done < state.total ? `, about ${duration((elapsed / done) * (state.total - done))} left` : ''
  const budget = state.budget === null ? '' : `; ${state.budget}`
  return `   ${done}/${state.total} approved or done, ${duration(elapsed)}${eta}${budget}${state.takesKeys && !state.paused ? '   p: pause' : ''}`
}

function pausedLine({ paused, takesKeys }: BoardState): readonly string[] {
  return paused ? [`   PAUSED, no new attempts start -> ${takesKeys ? 'p, or: ' : ''}sko continue`] : []
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`
}
