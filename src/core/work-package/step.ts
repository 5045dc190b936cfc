import type { AgentId, WpId } from '../ids.ts'
import type { Judgement } from '../judgement/review.ts'
import type { Lane } from '../mission/lane.ts'
import type { Refusal } from './refusal.ts'
import type { Attempt, CheckResult, Halt, LaneWorktree, Work, WpRecord } from './work-package.ts'

/** The one next thing to do for a WP. */
export type Step =
  | { readonly kind: 'claim'; readonly agent: AgentId }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'implement'; readonly agent: AgentId }
  /** Its agent still runs, or has ended unseen: an earlier process of this run began it. */
  | { readonly kind: 'adopt'; readonly attempt: Attempt }
  | { readonly kind: 'commit'; readonly attempt: Attempt }
  | { readonly kind: 'check'; readonly work: Work }
  | { readonly kind: 'submit'; readonly agent: AgentId }
  | { readonly kind: 'start-review'; readonly agent: AgentId }
  | { readonly kind: 'review'; readonly agent: AgentId }
  | { readonly kind: 'approve'; readonly judgement: Judgement }
  | { readonly kind: 'reject'; readonly judgement: Judgement }
  | { readonly kind: 'block'; readonly reason: string; readonly judgement: Judgement | null }
  | WaitStep
  | FinishStep

export interface WaitStep {
  readonly kind: 'wait'
  /** Milliseconds since the epoch. */
  readonly until: number
  readonly reason: string
}

export type FinishStep =
  | { readonly kind: 'finish'; readonly end: 'complete' }
  | { readonly kind: 'finish'; readonly end: 'needs-person'; readonly reason: string }
  /** Nothing more in this run; the lane stays as it is, and `sko resume` goes on from there. */
  | { readonly kind: 'finish'; readonly end: 'held'; readonly by: HeldBy; readonly reason: string }

export type HeldBy = 'budget' | 'limit'

/** The step could not be done just now. It is tried again with growing pauses. */
export interface UnansweredStep {
  readonly kind: 'unanswered'
  readonly step: ActiveStep['kind']
  readonly reason: string
  /** How long the step was tried. */
  readonly tookMs: number
}

/** How the driver of a WP ended; null: the run is stopping, or nothing may begin. */
export type DriverEnd = FinishStep | WaitStep | UnansweredStep | null

export type ActiveStep = Exclude<Step, WaitStep | FinishStep>

/** What came of a step. */
export type Outcome =
  | { readonly kind: 'claimed'; readonly worktree: LaneWorktree }
  | { readonly kind: 'resolved'; readonly worktree: LaneWorktree }
  | {
      readonly kind: 'attempt-ended'
      /** The record as it was saved when the attempt began. */
      readonly begun: WpRecord
      readonly attempt: Attempt
      readonly judgement: Judgement | null
    }
  | {
      readonly kind: 'committed'
      readonly head: string
      readonly tree: string
      /** The tree differs from the one at the cycle's beginning, what other WPs did in the same worktree aside. */
      readonly changed: boolean
    }
  | { readonly kind: 'checked'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'moved'; readonly to: Lane }
  | { readonly kind: 'verdict-void'; readonly reason: string }
  | { readonly kind: 'halted'; readonly halt: Halt }
  | ({ readonly kind: 'refused' } & Refusal)
  /** Nothing came of it, for a reason that may pass by itself: asked again with growing pauses. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** Another WP of this run works in its lane worktree: it waits for that one. `lane`: as the host has it now. */
  | {
      readonly kind: 'worktree-in-use'
      readonly by: WpId
      readonly worktree: LaneWorktree
      readonly lane: Lane
    }
  /** Shutdown, or the agent was no longer free when its turn came: everything stays as it is. */
  | { readonly kind: 'interrupted' }
