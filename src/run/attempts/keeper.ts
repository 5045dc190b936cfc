import type { FlippedSetting } from '../../core/repository/flipped-setting.ts'
import type { StashCrossing } from '../../core/repository/stashed-elsewhere.ts'
import type { AttemptRequest } from '../ports.ts'

/** Copies what agents write, so that nothing they remove is lost. A failure in it never ends an attempt. */
export interface Keeper {
  /** Takes the first look before it resolves, then watches until `end`. */
  watch(attempt: WatchedAttempt): Promise<AttemptWatch>
}

export interface WatchedAttempt extends Pick<AttemptRequest, 'wpId' | 'worktree' | 'attempt'> {
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

export interface AttemptWatch {
  /** Looks now, for example before the agent is stopped. */
  look(): Promise<void>
  /** Takes the last look and returns the result. `stopped`: the run is stopping, so this must take only seconds. */
  end(stopped: boolean): Promise<WatchedEnd>
}

export interface WatchedEnd {
  /** Work that was removed, put back or dropped, and is kept. */
  readonly kept: readonly KeptLoss[]
  readonly stash: readonly StashCrossing[]
  readonly settings: readonly FlippedSetting[]
  /** Why some work could not be kept, or null. */
  readonly problem: string | null
}

export interface KeptLoss {
  readonly ref: string
  readonly number: number
  readonly why: string
}
