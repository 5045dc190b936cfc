import type { Used } from '../../core/budget/budget-words.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { AnsweredDilution } from '../../core/judgement/dilution/dilution.ts'
import type { Finding } from '../../core/judgement/review.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'
import type { StoredRecord } from '../record/recorder.ts'

export interface RunFinished {
  readonly type: 'run-finished'
  readonly exitCode: number
  /** Why it ended, in one line. */
  readonly reason: string
  readonly mission: string
  readonly workPackages: readonly WpSummary[]
  readonly merged: boolean
  /** Of the merge; absent: nothing was merged, or it could not be stored. */
  readonly record?: FinishedRecord
  readonly accepted: boolean
  readonly elapsedMs: number
  /** By this run since it began, over all its processes: USD, tokens, wall clock. */
  readonly used: readonly Used[]
  /** What to run next, most important first. */
  readonly next: readonly NextCommand[]
}

/** Where the review record is, and what checks it. */
export interface FinishedRecord extends Pick<StoredRecord, 'ref' | 'path' | 'commit' | 'signers' | 'unsigned'> {
  readonly verify: string
}

/** The run ended before it could sum up what became of it. A process of a run tells this or `run-finished`, once. */
export interface RunEnded {
  readonly type: 'run-ended'
  readonly exitCode: number
  /** Stable word: of the error, `bug`, or the name of a signal. */
  readonly code: string
  readonly reason: string
  /** What a person does about it, where that is no command; empty: nothing is known. */
  readonly hint: string
  /** What to run then, most important first. */
  readonly next: readonly NextCommand[]
}

export interface UsedModel {
  readonly role: Role
  readonly agent: AgentId
  /** null: not known. */
  readonly cliVersion: string | null
  readonly model: string | null
  /** null: none was asked for. */
  readonly configuredModel: string | null
}

export interface WpSummary {
  readonly wpId: WpId
  readonly lane: string
  readonly implementers: readonly AgentId[]
  readonly reviewers: readonly AgentId[]
  /** What its attempts ran with, without repetition. */
  readonly usedModels: readonly UsedModel[]
  readonly attempts: number
  readonly cycles: number
  readonly elapsedMs: number
  readonly usage: Usage | null
  /** Attempts that did not tell what they cost. */
  readonly attemptsOfUnknownCost: number
  readonly branch: string | null
  /** In approved work: what may make tests or checks say less, with the reviewer's answers. */
  readonly dilutions: readonly AnsweredDilution[]
  readonly reason: string | null
  /** Of one that needs a person: as in `needs-person`. */
  readonly tried: readonly string[]
  readonly findings: readonly string[]
  /** Findings of its reviews that did not block. */
  readonly followUps: readonly Finding[]
  /** What keeps it from continuing in this run, though nothing is wrong with it: `sko resume` continues it; null: nothing. */
  readonly heldBy: 'budget' | 'limit' | null
}
