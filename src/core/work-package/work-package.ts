import type { Failure } from '../agent/failure.ts'
import type { ModelUse } from '../agent/model-use.ts'
import type { CheckResult } from '../gate/check-result.ts'
import type { OtherWork } from '../gate/other-work.ts'
import type { AgentId, LaneId, WpId } from '../ids.ts'
import type { ReviewedRange } from '../judgement/coverage.ts'
import type { Dilution } from '../judgement/dilution/dilution.ts'
import type { Finding, Judgement, RaisedFinding } from '../judgement/review.ts'
import type { Asked } from '../judgement/settle.ts'
import type { KnownLane, Lane } from '../mission/lane.ts'
import type { FlippedSetting } from '../repository/flipped-setting.ts'
import type { StashCrossing } from '../repository/stashed-elsewhere.ts'
import type { Strayed } from '../repository/strayed.ts'

export const roles = ['implementation', 'review'] as const

export type Role = (typeof roles)[number]

/** Identity of a process that survives pid recycling: `/proc/PID/stat` field 22 and the boot id. */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
  readonly bootId: string
}

/** Tokens and dollars of one attempt; `null` is unknown, which is not zero. */
export interface Usage {
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  readonly costUsd: number | null
}

/** One agent process. `result` is null while it runs, or when we died before it ended. */
export interface Attempt extends ModelUse {
  /** 1, 2, 3 … over the whole WP, both roles: names the log files. */
  readonly number: number
  readonly role: Role
  readonly cycle: number
  readonly agent: AgentId
  /** HEAD of the lane worktree when the attempt began. */
  readonly baseCommit: string
  readonly startedAt: string
  readonly endedAt: string | null
  readonly process: ProcessIdentity | null
  readonly result: AttemptResult | null
  /** HEAD after the agent's changes were committed; null before that. Implementation only. */
  readonly headCommit: string | null
  readonly usage: Usage | null
  /** The agent's last words, redacted, for the next attempt and for a person. */
  readonly lastWords: string | null
  /** The CLI's id of the conversation, if it reported one. */
  readonly sessionId: string | null
  /** The session that this attempt continued; null: it started a new one. */
  readonly resumedSession: string | null
  /** Stash entries of other worktrees that it applied; absent: none. */
  readonly stash?: readonly StashCrossing[]
  /** What changed in the main checkout while it ran; absent: nothing. */
  readonly strayed?: Strayed
  /** Settings that all worktrees share and that changed while it ran; absent: none. */
  readonly settings?: readonly FlippedSetting[]
  /** True when `configuredModel` is from the frontmatter of the WP; absent: it is not. */
  readonly wpModel?: true
  /** What its reviewer was shown; absent for an implementation, and for a review that an older version started. */
  readonly shown?: readonly ReviewedRange[]
  /** What its reviewer has to say once more, because its answer was no verdict; absent: nothing of this kind. */
  readonly asked?: readonly Asked[]
  /** Changes that its reviewer must answer about before an approval counts; absent: none. */
  readonly dilutions?: readonly Dilution[]
}

export type AttemptResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** sko was stopped or died while it ran. This costs no retry. */
  | { readonly kind: 'interrupted' }

/** What the next implementation attempt must be given. */
export type Feedback =
  | {
      readonly kind: 'findings'
      readonly reviewer: string
      readonly summary: string
      readonly findings: readonly Finding[]
      /** Not required; absent: none. */
      readonly followUps?: readonly Finding[]
    }
  | { readonly kind: 'host-refusal'; readonly message: string }
  | { readonly kind: 'checks'; readonly results: readonly CheckResult[] }
  | CombinedFeedback

/** Approved work does not go together with other work of the mission, or with what the target has. */
export interface CombinedFeedback {
  readonly kind: 'combined'
  /** With what; empty: the work fails the checks in a fresh checkout of the target with it. */
  readonly others: readonly OtherWork[]
  /** Files in which they conflict; empty: they merge, and checks fail on the result. */
  readonly conflicts: readonly string[]
  /** The failing checks. */
  readonly results: readonly CheckResult[]
}

/** A tree that was rejected: the same tree would be rejected again. */
export interface RefusedTree {
  readonly tree: string
  readonly cycle: number
  readonly by: 'review' | 'checks'
}

/** The implementation that stands for review. */
export interface Work {
  readonly agent: AgentId
  readonly baseCommit: string
  readonly headCommit: string
  /** Hash of the tree at `headCommit`. */
  readonly tree: string
  /** null before they ran. */
  readonly checks: readonly CheckResult[] | null
}

/** Why a person is needed. `blocked`: the host has it as blocked; `left-alone`: someone else owns it, we do not touch it. */
export interface Halt {
  readonly kind: 'blocked' | 'left-alone'
  readonly reason: string
  /** The command that fixes it, if there is one; `sko resume` continues then. */
  readonly cure?: string
  /** Of a decision to block the WP that the host has not carried out yet: the lane in which it was made. */
  readonly pendingIn?: KnownLane
}

/** A person has confirmed that a WP is right at one commit. */
export interface Confirmation {
  readonly commit: string
  /** ISO 8601 */
  readonly at: string
  readonly reason: string | null
  /** Commits that were confirmed before this one, which still count; absent: none. */
  readonly before?: readonly string[]
  /** The WP's own commit, where `commit` is of the target or the mission's branch beside it; absent: `commit` is its own. */
  readonly own?: string
}

/** What sko stores about a WP. The lane belongs to the host and is never stored. */
export interface WpRecord {
  readonly wpId: WpId
  /** 1 + rejections. */
  readonly cycle: number
  readonly attempts: readonly Attempt[]
  /** HEAD when the first implementation attempt of this cycle began: the work is what was committed after it. */
  readonly cycleBase: string | null
  /** HEAD when the first attempt of the first cycle began: the reviewer's diff starts here. */
  readonly wpBase: string | null
  readonly feedback: Feedback | null
  readonly work: Work | null
  readonly judgement: Judgement | null
  /** By `sko confirm`; null when no person has confirmed it. */
  readonly confirmed: Confirmation | null
  /** What blocked in the last review, for the next reviewer to state each as fixed, open or withdrawn. */
  readonly earlierFindings: readonly RaisedFinding[]
  /** The commit of the last review that asked for changes; null: none, or a person has sent the WP back since. */
  readonly lastReviewed: string | null
  /** Findings of reviews before the current judgement that did not block. */
  readonly followUps: readonly Finding[]
  /** Trees of this WP that a review or a check has rejected. */
  readonly refusedTrees: readonly RefusedTree[]
  /** Messages with which the host refused this cycle's work; the same one twice asks a person. */
  readonly hostRefusals: readonly string[]
  /** Attempts up to this number no longer count against retries, because of `sko retry`. */
  readonly retriedAfterAttempt: number
  /** The same for rejections. */
  readonly retriedAfterCycle: number
  /** When `sko retry` was given, ISO 8601; null: never. */
  readonly retriedAt: string | null
  /** Attempts up to this number belong to an earlier run; null in records of older versions. */
  readonly earlierAttempts: number | null
  readonly halt: Halt | null
  /** Branch of the lane worktree, for the report. */
  readonly laneBranch: string | null
}

/** The attempt without a recorded end: its agent is running, or an earlier process of the run died before it saw the end. */
export function openAttempt(record: WpRecord): Attempt | undefined {
  return record.attempts.find(attempt => attempt.result === null)
}

/** Where the lane worktree is on this machine; asked from the host, never stored. */
export interface LaneWorktree {
  readonly path: string
  readonly promptPath: string
  readonly laneId: LaneId
  readonly branch: string
  readonly baseRef: string | null
}

export interface WorkPackage {
  readonly wpId: WpId
  readonly lane: Lane
  readonly worktree: LaneWorktree | null
  readonly record: WpRecord
}

export function newRecord(wpId: WpId): WpRecord {
  return {
    wpId,
    cycle: 1,
    attempts: [],
    cycleBase: null,
    wpBase: null,
    feedback: null,
    work: null,
    judgement: null,
    confirmed: null,
    earlierFindings: [],
    lastReviewed: null,
    followUps: [],
    refusedTrees: [],
    hostRefusals: [],
    retriedAfterAttempt: 0,
    retriedAfterCycle: 0,
    retriedAt: null,
    earlierAttempts: 0,
    halt: null,
    laneBranch: null,
  }
}
