import type { Lane } from '../mission/lane.ts'

/** Why the host did not do a step, as far as a decision depends on it. */
export type RefusalReason =
  /** Another client of the host has claimed the WP. */
  | 'claimed-by-others'
  /** The host does not accept the move: subtasks are open, say, or the WP has left the lane that it was seen in. */
  | 'move-rejected'
  /** Its lane worktree could not be made, or not brought up to what it depends on. */
  | 'no-lane-worktree'
  /** Every other reason, no answer included. */
  | 'other'

export interface Refusal {
  readonly reason: RefusalReason
  /** It may pass by itself, or by what a person does beside the run. */
  readonly mayPass: boolean
  /** The host's own word, for a person to read. */
  readonly code: string
  readonly message: string
  /** As read back from the host: it says whether the step happened anyway. */
  readonly lane: Lane
}
