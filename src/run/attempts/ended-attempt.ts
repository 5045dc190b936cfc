import type { Attempt, WpRecord } from '../../core/work-package/work-package.ts'
import type { AttemptOutcome } from '../ports.ts'

export interface EndedAttempt {
  readonly begun: WpRecord
  readonly attempt: Attempt
  readonly outcome: AttemptOutcome | null
}

/** An attempt that an earlier process of this run began, and whose end we see. It is followed from the first moment on. */
export interface AdoptedAttempt {
  /** How it ended. Aborting the signal ends its agent. */
  ended(signal: AbortSignal): Promise<EndedAttempt>
  /** Ends its agent, since nobody takes the attempt up: it counts as interrupted. */
  abandon(): void
  /** False: it had ended before anybody watched it again, and others may have been in its worktree since. */
  readonly watched: boolean
  /** Resolves once its agent has ended and, where it was interrupted, that is on disk. */
  readonly over: Promise<unknown>
}
