/** What HEAD has beyond a commit, oldest first. */
export interface CommitAt {
  readonly commit: string
  /** Milliseconds since the epoch, in whole seconds, as git has them. */
  readonly committedAt: number
}

/**
 * The commits that an attempt cannot have made, because it had ended before. One of the second in which it ended may be
 * its own.
 */
export function madeAfter(commits: readonly CommitAt[], endedAtMs: number): readonly CommitAt[] {
  return commits.filter(({ committedAt }) => committedAt > endedAtMs)
}
