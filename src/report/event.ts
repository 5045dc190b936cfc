import type { Failure } from '../core/failure.ts'
import type { AgentId, WpId } from '../core/ids.ts'
import type { Finding } from '../core/review.ts'
import type { Role, Usage } from '../core/work-package.ts'

/**
 * Everything a user may be told. Lines, board, NDJSON, the event log and the tests all read this; nobody else prints.
 * On the wire every event also has `at` (ISO 8601) and `runId`.
 */
export type EventBody =
  | RunStarted
  | { readonly type: 'looked'; readonly lanes: Readonly<Record<string, number>>; readonly ready: readonly WpId[] }
  | { readonly type: 'lane-changed'; readonly wpId: WpId; readonly from: string; readonly to: string }
  | AttemptStarted
  | AttemptEnded
  | { readonly type: 'work-committed'; readonly wpId: WpId; readonly commit: string; readonly message: string }
  | { readonly type: 'subtasks-marked'; readonly wpId: WpId; readonly subtasks: readonly string[] }
  | AttemptVoid
  | VerdictGiven
  | { readonly type: 'reviewer-changed-tree'; readonly wpId: WpId; readonly agent: AgentId; readonly patch: string }
  | { readonly type: 'agent-out'; readonly agent: AgentId; readonly reason: string; readonly hint: string }
  | { readonly type: 'cooldown'; readonly agent: AgentId; readonly until: string; readonly reason: string }
  | { readonly type: 'wp-waiting'; readonly wpId: WpId; readonly until: string; readonly reason: string }
  | { readonly type: 'host-refused'; readonly wpId: WpId; readonly step: string; readonly message: string }
  | NeedsPerson
  | { readonly type: 'orphans-reaped'; readonly processes: number }
  | { readonly type: 'warning'; readonly message: string; readonly hint: string }
  | { readonly type: 'merged'; readonly targetBranch: string; readonly strategy: string }
  | { readonly type: 'accepted' }
  | { readonly type: 'stopping'; readonly signal: string }
  | RunFinished

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
  /** `<path>.out.log` grows while it works. */
  readonly log: string
  readonly reviewerIsReadOnly: boolean
}

export interface AttemptEnded {
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

/** The agent ended well, but what it left does not count: no change, or no verdict that can be believed. */
export interface AttemptVoid {
  readonly type: 'attempt-void'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly attempt: number
  readonly failure: Failure
  readonly log: string
}

export interface VerdictGiven {
  readonly type: 'verdict'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly verdict: 'approved' | 'changes_requested'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly commit: string
}

export interface NeedsPerson {
  readonly type: 'needs-person'
  readonly wpId: WpId
  readonly reason: string
  readonly log: string | null
  /** The exact next command. */
  readonly next: string
}

export interface RunFinished {
  readonly type: 'run-finished'
  readonly exitCode: number
  readonly mission: string
  readonly workPackages: readonly WpSummary[]
  readonly merged: boolean
  readonly accepted: boolean
  readonly elapsedMs: number
  /** What to run next, most important first. */
  readonly next: readonly string[]
}

export interface WpSummary {
  readonly wpId: WpId
  readonly lane: string
  readonly implementers: readonly AgentId[]
  readonly reviewers: readonly AgentId[]
  readonly attempts: number
  readonly cycles: number
  readonly elapsedMs: number
  readonly usage: Usage | null
  readonly branch: string | null
  readonly reason: string | null
}

export type Event = EventBody & { readonly at: string; readonly runId: string }
export type Reporter = { onEvent(event: Event): void; close(): Promise<void> }
