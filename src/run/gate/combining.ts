import type { GitOutcome } from '../git/git-outcome.ts'

type IsHostFile = (path: string) => boolean

/** Merges lanes without moving anything of the project, and lays the result out in a folder of ours outside of it. */
export interface Combining {
  /** The lanes merged into the target, one after the other. */
  combine(target: string, lanes: readonly string[], isHostFile: IsHostFile): Promise<GitOutcome<Combined>>
  /** The paths with which two commits conflict when one is merged into the other; empty: they do not. */
  conflicts(ours: string, theirs: string, isHostFile: IsHostFile): Promise<GitOutcome<readonly string[]>>
  /** Paths, without the host's, that differ between two commits or trees. */
  difference(a: string, b: string, isHostFile: IsHostFile): Promise<GitOutcome<readonly string[]>>
  /** A commit on no branch: `head` with the files of `base` where `isTaken`. null: that is what `head` has. */
  withFilesOf(base: string, head: string, isTaken: (path: string) => boolean): Promise<GitOutcome<Merged | null>>
  /**
   * A new folder to check commits in. `like`: the worktree whose ignored files (installed packages, caches) are copied
   * into it; null: none.
   */
  layOut(like: string | null): Promise<GitOutcome<Layout>>
}

export type Combined =
  | Merged
  /** The first lane that conflicts with the target and the lanes before it. */
  | { readonly kind: 'conflict'; readonly lane: number; readonly files: readonly string[] }
  /** git is older than 2.38, or it cannot merge these commits. */
  | { readonly kind: 'not-possible'; readonly why: string }

export interface Merged {
  readonly kind: 'merged'
  readonly tree: string
  /** Of the merge of the last lane; only the commit that has the tree, where there is one already. */
  readonly parents: readonly [string, string] | readonly [string]
}

export interface Layout {
  readonly path: string
  /** Has these files, with HEAD detached at their commit. Ignored files stay as the last checks left them. */
  checkOut(merged: Merged): Promise<GitOutcome<void>>
  /** Why nothing can be written there; null: something can. */
  whyNoRoom(): Promise<GitOutcome<string | null>>
  remove(): void
}
