import type { FlippedSetting } from '../../core/repository/flipped-setting.ts'
import type { StashCrossing } from '../../core/work-package/work-package.ts'
import type { AttemptRequest } from '../ports.ts'

/** Copies what agents write, so that nothing that they remove is lost. What goes wrong in it never ends an attempt. */
export interface Keeper {
  /** From the first look, which it waits for, until `end`. */
  watch(attempt: WatchedAttempt): Promise<AttemptWatch>
}

export interface WatchedAttempt extends Pick<AttemptRequest, 'wpId' | 'worktree' | 'attempt'> {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

export interface AttemptWatch {
  /** Looks at once, for example before the agent is ended. */
  look(): Promise<void>
  /** The last look, and what came of the attempt; `stopped`: the run is ending, and has seconds for all of it. */
  end(stopped: boolean): Promise<WatchedEnd>
}

export interface WatchedEnd {
  /** What was removed, put back or dropped, and is kept. */
  readonly kept: readonly KeptLoss[]
  readonly stash: readonly StashCrossing[]
  readonly settings: readonly FlippedSetting[]
  /** Why not everything could be kept; null: it could. */
  readonly problem: string | null
}

export interface KeptLoss {
  readonly ref: string
  readonly number: number
  readonly why: string
}
