/** A commit between another commit and HEAD. Lists of them are oldest first. */
export interface CommitAt {
  readonly commit: string
  /** Milliseconds since the epoch, in whole seconds, as git has them. */
  readonly committedAt: number
}

/**
 * The commits that an attempt cannot have made, because it had ended before them. A commit of the second in which the
 * attempt ended may be its own.
 */
export function madeAfter(commits: readonly CommitAt[], endedAtMs: number): readonly CommitAt[] {
  return commits.filter(({ committedAt }) => committedAt > endedAtMs)
}
