import type { CheckResult } from '../gate/check-result.ts'
import type { AgentId, WpId } from '../ids.ts'
import type { Judgement } from '../judgement/review.ts'
import type { Lane } from '../mission/lane.ts'
import type { Refusal } from './refusal.ts'
import type { Attempt, Halt, LaneWorktree, Work, WpRecord } from './work-package.ts'

/** The one next thing to do for a WP. */
export type Step =
  | { readonly kind: 'claim'; readonly agent: AgentId }
  | { readonly kind: 'resolve' }
  | { readonly kind: 'implement'; readonly agent: AgentId }
  /** An earlier process of this run started it: its agent is still running, or has ended since. */
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
  /** Nothing more in this run. The lane stays as it is, and `sko resume` continues from it. */
  | { readonly kind: 'finish'; readonly end: 'held'; readonly by: HeldBy; readonly reason: string }

export type HeldBy = 'budget' | 'limit'

/** The step is not possible at the moment. It is tried again with growing pauses. */
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

/** The result of a step. */
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
      /** The tree differs from the one at the start of the cycle, not counting what other WPs did in the same worktree. */
      readonly changed: boolean
    }
  | { readonly kind: 'checked'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'moved'; readonly to: Lane }
  | { readonly kind: 'verdict-void'; readonly reason: string }
  | { readonly kind: 'halted'; readonly halt: Halt }
  | ({ readonly kind: 'refused' } & Refusal)
  /** It failed for a reason that may pass by itself: it is tried again with growing pauses. */
  | { readonly kind: 'unanswered'; readonly reason: string }
  /** Another WP of this run works in its lane worktree, so it waits. `lane`: its lane at the host now. */
  | {
      readonly kind: 'worktree-in-use'
      readonly by: WpId
      readonly worktree: LaneWorktree
      readonly lane: Lane
    }
  /** Shutdown, or the agent was no longer free: nothing changes. */
  | { readonly kind: 'interrupted' }
