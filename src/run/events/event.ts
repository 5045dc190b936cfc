import type { Failure } from '../../core/agent/failure.ts'
import type { ModelUse } from '../../core/agent/model-use.ts'
import type { Level } from '../../core/budget/budget.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'
import type { CombinedEvent } from './combined-event.ts'
import type { CommandEvent } from './command-event.ts'
import type { CoverageEvent } from './coverage-event.ts'
import type { RunEnded, RunFinished } from './end-event.ts'
import type { HostCalled } from './host-call-event.ts'
import type { KeptEvent } from './kept-event.ts'
import type { MissionEvent } from './mission-event.ts'
import type { ModelEvent } from './model-event.ts'
import type { ProjectEvent } from './project-event.ts'
import type { RecordEvent } from './record-event.ts'
import type { TroubleEvent } from './trouble-event.ts'
import type { VerdictGiven } from './verdict-event.ts'

/**
 * Everything that a user can see. Lines, board, NDJSON, the event log and the tests all read these; nothing else prints.
 * On the wire every event also has `at` (ISO 8601) and the fields of `EventOrigin`.
 */
export type EventBody =
  | RunStarted
  | { readonly type: 'looked'; readonly lanes: Readonly<Record<string, number>>; readonly ready: readonly WpId[] }
  | { readonly type: 'lane-changed'; readonly wpId: WpId; readonly from: string; readonly to: string }
  | AttemptStarted
  | AttemptAdopted
  | AttemptEnded
  | AgentQuiet
  | CheckEnded
  | BudgetReported
  | { readonly type: 'paused'; readonly next: readonly NextCommand[] }
  | { readonly type: 'continued' }
  /** Someone else moved the WP while the run worked on it: sko leaves it to them. */
  | { readonly type: 'wp-taken-away'; readonly wpId: WpId; readonly from: string; readonly to: string }
  | CommandEvent
  | CoverageEvent
  | CombinedEvent
  | { readonly type: 'work-committed'; readonly wpId: WpId; readonly commit: string; readonly message: string }
  | { readonly type: 'subtasks-marked'; readonly wpId: WpId; readonly subtasks: readonly string[] }
  | AttemptVoid
  | VerdictGiven
  | TreeChangedDuringReview
  | TreePutBack
  /** New commits on the lane that the last reviewer did not make: they stay and are reviewed. */
  | { readonly type: 'commits-on-top'; readonly wpId: WpId; readonly commits: number; readonly head: string }
  | KeptEvent
  | AgentOut
  | Cooldown
  | HostCalled
  | { readonly type: 'host-refused'; readonly wpId: WpId; readonly step: string; readonly message: string }
  | NeedsPerson
  | MissionEvent
  | ModelEvent
  | { readonly type: 'orphans-reaped'; readonly processes: number }
  | TroubleEvent
  | { readonly type: 'merged'; readonly targetBranch: string; readonly strategy: string }
  | { readonly type: 'accepted' }
  | Stopping
  | ProjectEvent
  | RecordEvent
  | RunFinished
  | RunEnded

/** A change that was put back and kept: `git diff <since> <kept>` shows it. */
export interface PutBack {
  readonly wpId: WpId
  /** A ref below `refs/sko/kept`. */
  readonly kept: string
  readonly since: string
  /** File with the change for `git apply`; null when a patch cannot express it. */
  readonly patch: string | null
  readonly next: readonly NextCommand[]
}

export interface TreeChangedDuringReview extends PutBack {
  readonly type: 'tree-changed-during-review'
  readonly agent: AgentId
}

/** Changed by the project's checks, or while neither an attempt nor a check ran. */
export interface TreePutBack extends PutBack {
  readonly type: 'tree-put-back'
  readonly during: 'checks' | null
}

export interface RunStarted {
  readonly type: 'run-started'
  readonly mission: string
  readonly workPackages: number
  readonly maxConcurrent: number
  readonly resumed: boolean
  readonly logs: string
}

export interface AttemptStarted {
  readonly type: 'attempt-started'
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly cycle: number
  /** `<path>.out.log` grows while the agent runs. */
  readonly log: string
  readonly reviewerIsReadOnly: boolean
}

/** This process follows an attempt that an earlier process of the run started. */
export interface AttemptAdopted extends Omit<AttemptStarted, 'type' | 'reviewerIsReadOnly'> {
  readonly type: 'attempt-adopted'
  /** ISO 8601 */
  readonly startedAt: string
  /** False when it ended while sko was not running. */
  readonly running: boolean
}

export interface AttemptEnded extends ModelUse {
  readonly type: 'attempt-ended'
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly elapsedMs: number
  readonly usage: Usage | null
  readonly failure: Failure | null
  readonly interrupted: boolean
  readonly log: string
}

/** No output, no processor time and no write in the worktree for half of the inactivity limit. */
export interface AgentQuiet {
  readonly type: 'agent-quiet'
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly quietSeconds: number
  /** agents.inactivity_seconds: the agent is stopped then. */
  readonly limitSeconds: number
  readonly log: string
}

/** One of the configured `checks`. */
export interface CheckEnded {
  readonly type: 'check-ended'
  readonly wpId: WpId
  readonly command: string
  /** null when the check was stopped. */
  readonly exitCode: number | null
  /** The limit it exceeded, if it was stopped. */
  readonly stopped?: string
  readonly elapsedMs: number
  readonly log: string
}

/** Reported once per ceiling at 80 %, and once when no new attempt starts because of it. */
export interface BudgetReported extends Level {
  readonly type: 'budget'
  readonly level: 'warned' | 'reached'
  /** What continues above the ceiling that is reached. */
  readonly next: readonly NextCommand[]
}

/** It is not used any more in this run. */
interface AgentOut {
  readonly type: 'agent-out'
  readonly agent: AgentId
  readonly reason: string
  /** What a person does first, in words. */
  readonly hint: string
  readonly next: readonly NextCommand[]
}

interface Stopping {
  readonly type: 'stopping'
  readonly signal: string
  /** How many agents keep running without sko until `sko resume`; null: all are ended. */
  readonly agentsLeft: number | null
  readonly next: readonly NextCommand[]
}

/** No WP uses this agent, or its model where one is configured, until then. */
export interface Cooldown {
  readonly type: 'cooldown'
  readonly agent: AgentId
  readonly model: string | null
  /** ISO 8601 */
  readonly until: string
  readonly reason: string
}

/** The agent succeeded, but its result does not count: no change, or no valid verdict. */
export interface AttemptVoid {
  readonly type: 'attempt-void'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly attempt: number
  readonly failure: Failure
  readonly log: string
}

export interface NeedsPerson {
  readonly type: 'needs-person'
  readonly wpId: WpId
  readonly reason: string
  /** One line per attempt since the last retry, oldest first. */
  readonly tried: readonly string[]
  /** What the reviewer, the checks or the host last found wrong. */
  readonly findings: readonly string[]
  readonly log: string | null
  /** What a person runs, most likely first. */
  readonly next: readonly NextCommand[]
}

/** Of the events below; raised like a package version: a field that is removed or means something else is a new major one. */
export const eventSchemaVersion = '1.0.0'

/** Which run an event belongs to. The names with an underscore are those of the host's own events. */
export interface EventOrigin {
  readonly runId: string
  readonly schema_version: typeof eventSchemaVersion
  /** The host's ULID; null for a mission from before mission ids, or when its `meta.json` could not be read. */
  readonly mission_id: string | null
  /** Full slug. */
  readonly mission_slug: string
}

export type Event = EventBody & EventOrigin & { readonly at: string }
export type Reporter = { onEvent(event: Event): void; close(): Promise<void> }
