/**
 * All worktrees of a repository share one stash, so an agent can pop an entry of another agent. Here, files of an entry
 * made elsewhere were in this work package's worktree at the end of an attempt, but not at its start.
 */
export interface StashCrossing {
  /** The WP in whose worktree the entry was made; `main` when it was none of them. */
  readonly from: string
  /** Commit of the entry: `git stash apply <commit>` restores it. */
  readonly commit: string
  readonly files: readonly string[]
}
