import type { Failure } from '../../core/agent/failure.ts'
import type { Level } from '../../core/budget/budget.ts'
import type { Used } from '../../core/budget/budget-words.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { Finding } from '../../core/judgement/review.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'
import type { CommandEvent } from './command-event.ts'
import type { CoverageEvent } from './coverage-event.ts'
import type { KeptEvent } from './kept-event.ts'
import type { MissionEvent } from './mission-event.ts'
import type { ProjectEvent } from './project-event.ts'
import type { TroubleEvent } from './trouble-event.ts'

/**
 * Everything a user may be told. Lines, board, NDJSON, the event log and the tests all read this; nobody else prints.
 * On the wire every event also has `at` (ISO 8601) and `runId`.
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
  | BudgetTold
  | { readonly type: 'paused' }
  | { readonly type: 'continued' }
  /** Somebody else moved it while it was worked on: it is left to them. */
  | { readonly type: 'wp-taken-away'; readonly wpId: WpId; readonly from: string; readonly to: string }
  | CommandEvent
  | CoverageEvent
  | { readonly type: 'work-committed'; readonly wpId: WpId; readonly commit: string; readonly message: string }
  | { readonly type: 'subtasks-marked'; readonly wpId: WpId; readonly subtasks: readonly string[] }
  | AttemptVoid
  | VerdictGiven
  | ReviewerChangedTree
  | TreePutBack
  /** On the lane since the last review began, and not by its reviewer: they stay, and are reviewed. */
  | { readonly type: 'commits-on-top'; readonly wpId: WpId; readonly commits: number; readonly head: string }
  | KeptEvent
  | { readonly type: 'agent-out'; readonly agent: AgentId; readonly reason: string; readonly hint: string }
  | Cooldown
  | { readonly type: 'host-refused'; readonly wpId: WpId; readonly step: string; readonly message: string }
  | NeedsPerson
  | MissionEvent
  | { readonly type: 'orphans-reaped'; readonly processes: number }
  | TroubleEvent
  | { readonly type: 'merged'; readonly targetBranch: string; readonly strategy: string }
  | { readonly type: 'accepted' }
  /** `agentsLeft`: so many agents go on without us until `sko resume`; null: all are ended. */
  | { readonly type: 'stopping'; readonly signal: string; readonly agentsLeft: number | null }
  | ProjectEvent
  | RunFinished
  | RunEnded

/** What was put back can be had again: `git diff <since> <kept>` shows it. */
interface PutBack {
  readonly wpId: WpId
  /** A ref of ours. */
  readonly kept: string
  readonly since: string
  /** The same as a file for `git apply`; null: it cannot be said so. */
  readonly patch: string | null
}

export interface ReviewerChangedTree extends PutBack {
  readonly type: 'reviewer-changed-tree'
  readonly agent: AgentId
}

/** By the project's checks, or by no attempt and check that was watched. */
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
  /** `<path>.out.log` grows while it works. */
  readonly log: string
  readonly reviewerIsReadOnly: boolean
}

/** An attempt of an earlier process of this run goes on as ours. */
export interface AttemptAdopted extends Omit<AttemptStarted, 'type' | 'reviewerIsReadOnly'> {
  readonly type: 'attempt-adopted'
  /** ISO 8601 */
  readonly startedAt: string
  /** False: it ended while nobody looked. */
  readonly running: boolean
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

/** No output, no processor time and no write in the worktree for half of the inactivity limit. */
export interface AgentQuiet {
  readonly type: 'agent-quiet'
  readonly wpId: WpId
  readonly role: Role
  readonly agent: AgentId
  readonly attempt: number
  readonly quietSeconds: number
  /** agents.inactivity_seconds: then it is stopped. */
  readonly limitSeconds: number
  readonly log: string
}

/** One of the configured `checks`. */
export interface CheckEnded {
  readonly type: 'check-ended'
  readonly wpId: WpId
  readonly command: string
  /** null: it was stopped. */
  readonly exitCode: number | null
  /** Which limit it went over, where it was stopped. */
  readonly stopped?: string
  readonly elapsedMs: number
  readonly log: string
}

/** Told once per ceiling at 80 %, and once when nothing more begins because of it. */
export interface BudgetTold extends Level {
  readonly type: 'budget'
  readonly level: 'warned' | 'reached'
}

/** An agent, or where one is configured its model, is left alone until then by every WP. */
export interface Cooldown {
  readonly type: 'cooldown'
  readonly agent: AgentId
  readonly model: string | null
  /** ISO 8601 */
  readonly until: string
  readonly reason: string
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
  /** One line per attempt since the last retry, oldest first. */
  readonly tried: readonly string[]
  /** What the reviewer, the checks or the host last found wrong. */
  readonly findings: readonly string[]
  readonly log: string | null
  /** The exact next command. */
  readonly next: string
}

export interface RunFinished {
  readonly type: 'run-finished'
  readonly exitCode: number
  /** Why it ended, in one line. */
  readonly reason: string
  readonly mission: string
  readonly workPackages: readonly WpSummary[]
  readonly merged: boolean
  readonly accepted: boolean
  readonly elapsedMs: number
  /** By this run since it began, over all its processes: USD, tokens, wall clock. */
  readonly used: readonly Used[]
  /** What to run next, most important first. */
  readonly next: readonly string[]
}

/** The run ended before it could sum up what became of it. A process of a run tells this or `run-finished`, once. */
export interface RunEnded {
  readonly type: 'run-ended'
  readonly exitCode: number
  /** Stable word: of the error, `bug`, or the name of a signal. */
  readonly code: string
  readonly reason: string
  /** What a person does about it. */
  readonly hint: string
  /** What to run then, most important first. */
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
  /** Attempts that did not tell what they cost. */
  readonly attemptsOfUnknownCost: number
  readonly branch: string | null
  readonly reason: string | null
  /** Of one that needs a person: as in `needs-person`. */
  readonly tried: readonly string[]
  readonly findings: readonly string[]
  /** What keeps it from going on in this run, though nothing is wrong with it: `sko resume` goes on; null: nothing. */
  readonly heldBy: 'budget' | 'limit' | null
}

export type Event = EventBody & { readonly at: string; readonly runId: string }
export type Reporter = { onEvent(event: Event): void; close(): Promise<void> }
