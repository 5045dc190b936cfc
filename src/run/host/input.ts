import { z } from 'zod'
import type { WpId } from '../../core/ids.ts'
import type { Policy } from './policy.ts'

export const reviewResultSchema = z
  .object({
    reviewer: z.string(),
    verdict: z.enum(['approved', 'changes_requested']),
    reference: z.string(),
  })
  .readonly()

export const evidenceSchema = z
  .object({
    review: reviewResultSchema,
    repos: z.array(z.object({ repo: z.string(), branch: z.string(), commit: z.string() }).readonly()).readonly(),
    /** The host knows three results; a failed check never gets this far. */
    verification: z
      .array(
        z.object({ command: z.string(), result: z.enum(['pass', 'fail', 'skip']), summary: z.string() }).readonly(),
      )
      .readonly()
      .exactOptional(),
  })
  .readonly()

export type ReviewResult = z.infer<typeof reviewResultSchema>
export type Evidence = z.infer<typeof evidenceSchema>

/** The parts of every input that are checked before the call. */
export interface HostInput {
  readonly mission?: string
  readonly wpId?: string
  readonly to?: string
  readonly target?: string
  readonly subtasks?: readonly string[]
  readonly keptAnswer?: KeptAnswer
}

export type NoInput = Readonly<Record<never, never>>

/** `mission`: for reads any handle the host knows, for writes the full slug that a read returned. */
export interface MissionInput {
  readonly mission: string
}

export interface WpInput extends MissionInput {
  readonly wpId: WpId
}

export interface StartImplementationInput extends WpInput {
  readonly policy: Policy
}

export interface StartReviewInput extends WpInput {
  readonly policy: Policy
  readonly reviewRef?: string
}

export interface TransitionInput extends WpInput {
  /** One of the nine lanes. */
  readonly to: string
  readonly note?: string
  readonly policy?: Policy
  readonly reviewRef?: string
  readonly reviewResult?: ReviewResult
  readonly evidence?: Evidence
}

export interface AppendHistoryInput extends WpInput {
  readonly note: string
}

export interface MergeMissionInput extends MissionInput {
  readonly target?: string
  readonly strategy?: 'merge' | 'squash' | 'rebase'
  readonly push?: boolean
}

export interface AcceptMissionInput extends MissionInput {
  /** Keeps the answer over a crash, because the host cannot be asked later whether it has accepted. */
  readonly keptAnswer?: KeptAnswer
}

/** Keeps the answer to a call for the next process, in case the caller dies. */
export interface KeptAnswer {
  /** Absolute path of the file that gets the host's output. */
  readonly file: string
  /** True when an earlier call was made and its answer was not read: that answer counts, if it comes. */
  readonly calledBefore: boolean
}

export interface MarkSubtasksInput extends MissionInput {
  /** `T001`, `T002` … */
  readonly subtasks: readonly string[]
}
