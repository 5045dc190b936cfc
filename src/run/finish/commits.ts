import type { GraphCommit } from '../../core/judgement/coverage.ts'

/** The commits of the whole repository, to look at. */
export interface Commits {
  /** The commit that a branch, as `refs/heads/<name>`, `HEAD` or an id stands for; null: there is none. */
  resolve(name: string): Promise<string | null>
  /** Those of the given ones that git has. */
  existing(commits: readonly string[]): Promise<readonly string[]>
  /** `tips` and all before them, children first, without `not` and all before those. What git does not have is left out. */
  graph(tips: readonly string[], not: readonly string[]): Promise<readonly GraphCommit[]>
  /** Paths that a commit with at most one parent changes. */
  changedFiles(commit: string): Promise<readonly string[]>
  /** Paths, the host's own aside, in which a merge is not what git makes of its parents; where git cannot tell, all it may be. */
  mergeDifference(commit: string, isHostFile: (path: string) => boolean): Promise<readonly string[]>
  /** The same for a target that was moved in one step. */
  squashDifference(made: Squash, isHostFile: (path: string) => boolean): Promise<readonly string[]>
  isAncestor(commit: string, of: string): Promise<boolean>
  /** What the checked-out commit has of a file, by its absolute path; null: it has none, or git cannot tell. */
  committed(file: string): Promise<string | null>
  /** Where a push of the branch goes; null: no remote is set up. */
  remoteOf(branch: string): Promise<string | null>
  /** The commit that the branch has at the remote; null: it has none, or the remote does not answer. */
  onRemote(remote: string, branch: string): Promise<string | null>
}

/** The target before and after a merge, and the heads of the lanes that were to be merged. */
export interface Squash {
  readonly before: string
  readonly after: string
  readonly lanes: readonly string[]
}
