import type { AgentFact } from '../agent/agent-choice.ts'
import type { WpId } from '../ids.ts'
import type { GraphNode } from '../mission/graph.ts'
import { applyMissionEvent, type MissionRunEvent } from '../mission/mission-event.ts'
import { beginMissionRun, type MissionRun, workPackageIn } from '../mission/mission-run.ts'
import { scheduleInput } from '../mission/mission-schedule.ts'
import { type Schedule, type ScheduleInput, schedule } from '../mission/schedule.ts'
import { type Still, stillIn, takenAwayIn } from '../mission/taken-away.ts'
import { applyOutcome, enterLane } from '../work-package/apply-outcome.ts'
import { type LifecycleContext, nextStep } from '../work-package/lifecycle.ts'
import type { Role, WorkPackage } from '../work-package/work-package.ts'
import type { BeginEntry, Entry, OutcomeEntry, RecordedEvent, ScheduleEntry, StepEntry } from './entry.ts'
import { type RecordedStep, recordedStep } from './recorded.ts'
import { restoredOutcome, restoredStep, restoredWp, worktreeOf } from './restored.ts'

/** The decisions that a replay makes again. */
export interface Rules {
  readonly schedule: typeof schedule
  readonly nextStep: typeof nextStep
  readonly applyOutcome: typeof applyOutcome
  readonly applyMissionEvent: typeof applyMissionEvent
  readonly takenAwayIn: typeof takenAwayIn
}

export const rulesOfToday: Rules = { schedule, nextStep, applyOutcome, applyMissionEvent, takenAwayIn }

/** One entry of the record, with what the loop knew when it was written. */
export interface Replayed {
  readonly entry: Entry
  /** Before the entry. */
  readonly known: MissionRun
  readonly decision: Decision | null
}

/** `today`: what the rules choose now, where that is something else. */
export type Decision =
  | {
      readonly kind: 'schedule'
      readonly input: ScheduleInput
      readonly chosen: Schedule
      readonly today: Schedule | null
    }
  | {
      readonly kind: 'step'
      readonly wp: WorkPackage
      readonly context: LifecycleContext
      readonly chosen: RecordedStep
      readonly today: RecordedStep | null
    }
  /** The outcome of a step that today's rules would not have come to. */
  | { readonly kind: 'outcome'; readonly wp: WorkPackage; readonly chosen: RecordedStep }
  | { readonly kind: 'taken-away'; readonly chosen: readonly WpId[]; readonly today: readonly WpId[] | null }

interface Driven {
  readonly wp: WorkPackage
  readonly step: RecordedStep | null
}

interface State {
  readonly begin: BeginEntry
  readonly known: MissionRun
  readonly driven: ReadonlyMap<WpId, Driven>
  readonly unvouched: ReadonlySet<WpId>
  readonly agents: Readonly<Record<Role, readonly AgentFact[]>>
  /** As the last look began; null: it was not recorded, for it changed nothing. */
  readonly still: Still | null
}

interface Next {
  readonly state: State
  readonly decision: Decision | null
}

/** Runs the rules over the entries of one process of a run, the first of which is its `begin`. What was done then is done again. */
export function replay(entries: readonly Entry[], rules: Rules = rulesOfToday): readonly Replayed[] {
  const [begin] = entries
  if (begin?.type !== 'begin') return []
  let state = stateAt(begin)
  return entries.map((entry, index) => {
    const { known } = state
    const next = after(state, entry, entries.slice(index + 1, index + 1 + known.nodes.length), rules)
    state = next.state
    return { entry, known, decision: next.decision }
  })
}

function stateAt(begin: BeginEntry): State {
  const records = new Map(begin.records.map(record => [record.wpId, restoredWp(record)]))
  return {
    begin,
    known: beginMissionRun(begin.nodes, records),
    driven: new Map(),
    unvouched: new Set(),
    agents: { implementation: [], review: [] },
    still: null,
  }
}

function after(state: State, entry: Entry, following: readonly Entry[], rules: Rules): Next {
  switch (entry.type) {
    case 'begin':
    case 'lost':
    case 'nothing-begins':
      return { state, decision: null }
    case 'schedule':
      return afterSchedule(state, entry, rules)
    case 'step':
      return afterStep(state, entry, rules)
    case 'outcome':
      return afterOutcome(state, entry, rules)
    case 'looked':
      return afterLook(state, entry, following, rules)
    default:
      return { state: afterEvent(state, entry, rules), decision: null }
  }
}

function afterSchedule(state: State, entry: { readonly at: number } & ScheduleEntry, rules: Rules): Next {
  const { start, resolve, at } = entry
  const { begin, known } = state
  const unvouched = entry.unvouched ? new Set(entry.unvouched) : state.unvouched
  const { onlyWps, maxConcurrentWps } = begin
  const input = scheduleInput(known, { onlyWps, maxConcurrentWps, unvouched, now: at })
  const today = rules.schedule(input)
  const decision = {
    kind: 'schedule',
    input,
    chosen: { start, resolve },
    today: isSame([today.start, today.resolve], [start, resolve]) ? null : today,
  } as const
  return { state: { ...state, unvouched }, decision }
}

function afterStep(state: State, entry: { readonly at: number } & StepEntry, rules: Rules): Next {
  const { wpId, step, ceiling, at } = entry
  const agents = entry.agents ?? state.agents
  const { wp } = state.driven.get(wpId) ?? {}
  if (!wp) return { state: { ...state, agents }, decision: null }
  const context = { config: state.begin.rules, agents, now: at, ceiling }
  const today = recordedStep(rules.nextStep(wp, context))
  const decision = { kind: 'step', wp, context, chosen: step, today: isSameStep(today, step) ? null : today } as const
  const active = restoredStep(step, wp)
  const known = active ? rules.applyMissionEvent(state.known, { type: 'step-began', wpId, step: active }) : state.known
  return { state: { ...state, agents, known, driven: new Map(state.driven).set(wpId, { wp, step }) }, decision }
}

function afterOutcome(state: State, { wpId, outcome }: OutcomeEntry, rules: Rules): Next {
  const { wp, step: chosen } = state.driven.get(wpId) ?? {}
  if (!wp || !chosen) return { state, decision: null }
  const step = restoredStep(chosen, wp)
  if (!step) return { state, decision: { kind: 'outcome', wp, chosen } }
  const next = rules.applyOutcome(wp, step, restoredOutcome(outcome, wp))
  const changes = [
    next,
    ...(outcome.kind === 'worktree-in-use' ? [{ ...next, worktree: worktreeOf(outcome.laneId) }] : []),
  ]
  const known = changes.reduce(
    (mission, changed) => rules.applyMissionEvent(mission, { type: 'changed', wp: changed }),
    state.known,
  )
  return {
    state: { ...state, known, driven: new Map(state.driven).set(wpId, { wp: next, step: null }) },
    decision: null,
  }
}

function afterLook(
  state: State,
  entry: Extract<RecordedEvent, { type: 'looked' }>,
  following: readonly Entry[],
  rules: Rules,
): Next {
  const nodes = entry.whole ? entry.nodes : merged(state.known.nodes, entry.nodes)
  const known = rules.applyMissionEvent(state.known, { type: 'looked', nodes })
  const next = { ...state, known, still: null }
  if (!state.still) return { state: next, decision: null }
  const today = rules.takenAwayIn(nodes, state.known, state.still).map(({ wpId }) => wpId)
  const end = following.findIndex(({ type }) => type !== 'taken-away')
  // The process may have been killed between two of them.
  if (end < 0 && following.length < today.length) return { state: next, decision: null }
  const chosen = following
    .slice(0, end < 0 ? following.length : end)
    .flatMap(other => ('wpId' in other ? other.wpId : []))
  if (chosen.length === 0 && today.length === 0) return { state: next, decision: null }
  return { state: next, decision: { kind: 'taken-away', chosen, today: isSame(today, chosen) ? null : today } }
}

function merged(nodes: readonly GraphNode[], changed: readonly GraphNode[]): readonly GraphNode[] {
  return nodes.map(node => changed.find(({ wpId }) => wpId === node.wpId) ?? node)
}

function afterEvent(
  state: State,
  entry: { readonly at: number } & Exclude<RecordedEvent, { type: 'looked' }>,
  rules: Rules,
): State {
  const { known } = state
  const event: MissionRunEvent =
    entry.type === 'decided'
      ? {
          type: 'decided',
          wp: { wpId: entry.record.wpId, lane: entry.lane, worktree: null, record: restoredWp(entry.record) },
        }
      : entry
  const next = { ...state, known: rules.applyMissionEvent(known, event) }
  switch (entry.type) {
    case 'look-began':
      return { ...next, still: stillIn(next.known) }
    case 'started': {
      const entered = workPackageIn(known, entry.wpId)
      return entered
        ? { ...next, driven: new Map(state.driven).set(entry.wpId, { wp: enterLane(entered), step: null }) }
        : next
    }
    case 'ended':
      return { ...next, driven: new Map([...state.driven].filter(([wpId]) => wpId !== entry.wpId)) }
    default:
      return next
  }
}

/** Words are not compared: a version that says it in other words has chosen the same. */
function isSameStep(a: RecordedStep, b: RecordedStep): boolean {
  const parts = ({ kind, agent, attempt, until, end, by }: RecordedStep) => [kind, agent, attempt, until, end, by]
  return isSame(parts(a), parts(b))
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Whether the rules of today choose something else than was chosen. */
export function differs(decision: Decision): boolean {
  return decision.kind === 'outcome' || decision.today !== null
}
