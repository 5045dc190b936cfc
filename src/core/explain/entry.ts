import type { AgentFact } from '../agent/agent-choice.ts'
import type { WpId } from '../ids.ts'
import type { GraphNode } from '../mission/graph.ts'
import type { Lane } from '../mission/lane.ts'
import type { MissionRunEvent } from '../mission/mission-event.ts'
import type { Schedule } from '../mission/schedule.ts'
import type { StepRules } from '../rules.ts'
import type { Role } from '../work-package/work-package.ts'
import type { RecordedOutcome, RecordedStep, RecordedWp } from './recorded.ts'

/** Raise it when an older `sko` would misread the record, or this one would misread an older record. */
export const recordVersion = 1

/**
 * One line of the record of a run: something that its loop received, or something that it chose. What changes nothing is
 * left out. `at`, and all other times, are milliseconds since the epoch.
 */
export type Entry = { readonly at: number } & (
  | BeginEntry
  | RecordedEvent
  | ScheduleEntry
  | NothingBeginsEntry
  | StepEntry
  | OutcomeEntry
  | LostEntry
)

/** A process of the run begins, with what it has read from the host and from the disk. */
export interface BeginEntry {
  readonly type: 'begin'
  readonly version: number
  readonly rules: StepRules
  readonly maxConcurrentWps: number
  readonly onlyWps: readonly WpId[] | null
  readonly nodes: readonly GraphNode[]
  readonly records: readonly RecordedWp[]
}

/** What a replay works out by itself is left out: `changed` and `step-began`. */
export type RecordedEvent =
  | Exclude<MissionRunEvent, { readonly type: 'changed' | 'step-began' | 'decided' | 'looked' }>
  /** `whole`: these are all WPs; otherwise those in another lane than the loop knew. */
  | { readonly type: 'looked'; readonly whole: boolean; readonly nodes: readonly GraphNode[] }
  | { readonly type: 'decided'; readonly lane: Lane; readonly record: RecordedWp }

/** What the schedule chose, and what it was given beside what the loop knows. */
export interface ScheduleEntry extends Schedule {
  readonly type: 'schedule'
  /** null: the same as before. */
  readonly unvouched: readonly WpId[] | null
}

/** Why nothing begins, whatever the schedule chooses; null: nothing is in the way any more. */
export interface NothingBeginsEntry {
  readonly type: 'nothing-begins'
  readonly because: Obstacle | null
}

export type Obstacle =
  | { readonly kind: 'mission-unclear'; readonly reason: string }
  | { readonly kind: 'paused' | 'stopping' | 'draining' | 'failing' }
  /** All that could begin has failed for longer than `host.patience_seconds`. */
  | { readonly kind: 'only-lasting-trouble' }

/** What the driver of a WP chose to do next. */
export interface StepEntry {
  readonly type: 'step'
  readonly wpId: WpId
  readonly step: RecordedStep
  /** null: the same as before. */
  readonly agents: Readonly<Record<Role, readonly AgentFact[]>> | null
  /** Why the budget lets no attempt of the role begin. */
  readonly ceiling: Readonly<Record<Role, string | null>>
}

export interface OutcomeEntry {
  readonly type: 'outcome'
  readonly wpId: WpId
  readonly outcome: RecordedOutcome
}

/** The disk, or the limit of the record, did not let the rest of this process's decisions be written. */
export interface LostEntry {
  readonly type: 'lost'
}
