import type { Attempt, WpRecord } from '../../core/work-package/work-package.ts'
import type { AttemptOutcome } from '../ports.ts'

export interface EndedAttempt {
  readonly begun: WpRecord
  readonly attempt: Attempt
  readonly outcome: AttemptOutcome | null
}

/** An attempt that an earlier process of this run started and this process follows, from its own start on. */
export interface AdoptedAttempt {
  /** Resolves with its end. Aborting the signal stops its agent. */
  ended(signal: AbortSignal): Promise<EndedAttempt>
  /** Stops its agent, because the attempt is no longer wanted. It counts as interrupted. */
  abandon(): void
  /** False when it ended before this process watched it; others may have used its worktree since. */
  readonly watched: boolean
  /** Resolves when its agent has ended and, if it was interrupted, that is saved. */
  readonly over: Promise<unknown>
}
