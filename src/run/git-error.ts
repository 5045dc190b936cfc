/** For git calls whose failure is a defect of the worktree: the caller turns the error into a halt of the WP. */
export class GitError extends Error {
  private readonly cure: Cure

  constructor(message: string, cure: Cure = null) {
    super(message)
    this.cure = cure
  }

  /** The command with which a person puts a lane worktree right, complete; null: none is known. */
  cureOn(laneBranch: string | null): string | null {
    if (typeof this.cure !== 'function') return this.cure
    return laneBranch === null ? null : this.cure(laneBranch)
  }
}

/** git below does not know what the lane branch of a worktree is called. */
export type Cure = string | null | ((laneBranch: string) => string | null)
