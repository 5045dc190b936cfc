import type { Lane } from '../mission/lane.ts'

/** Why the host refused a step, in the detail that decisions need. */
export type RefusalReason =
  /** Another client of the host has claimed the WP. */
  | 'claimed-by-others'
  /** The host does not accept the move: for example, subtasks are open or the WP is in another lane now. */
  | 'move-rejected'
  /** Its lane worktree could not be created, or could not be updated with its dependencies. */
  | 'no-lane-worktree'
  /** Every other reason, no answer included. */
  | 'other'

export interface Refusal {
  readonly reason: RefusalReason
  /** It may pass by itself, or when a person fixes it during the run. */
  readonly mayPass: boolean
  /** The host's code, for a person to read. */
  readonly code: string
  readonly message: string
  /** As read back from the host: it says whether the step happened anyway. */
  readonly lane: Lane
}
