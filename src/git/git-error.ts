/** Thrown and caught in `src/git` only: the methods of a port return it as a value, see `asValue`. */
export class GitError extends Error {
  private readonly cure: Cure

  constructor(message: string, cure: Cure = null) {
    super(message)
    this.cure = cure
  }

  /** The complete command that repairs a lane worktree; null when none is known. */
  cureOn(laneBranch: string | null): string | null {
    if (typeof this.cure !== 'function') return this.cure
    return laneBranch === null ? null : this.cure(laneBranch)
  }
}

/** A function when the command needs the name of the lane branch, which `src/git` does not know. */
export type Cure = string | null | ((laneBranch: string) => string | null)
