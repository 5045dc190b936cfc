import type { GraphCommit } from '../../core/judgement/coverage.ts'
import type { GitOutcome } from '../git/git-outcome.ts'

/** Reads the commits of the whole repository. */
export interface Commits {
  /** The commit of a branch (`refs/heads/<name>`), of `HEAD` or of an id; null when there is none. */
  resolve(name: string): Promise<string | null>
  /** The same for several names at one moment, in their order. */
  resolveAll(names: readonly string[]): Promise<GitOutcome<readonly (string | null)[]>>
  /** The given commits that git has. */
  existing(commits: readonly string[]): Promise<GitOutcome<readonly string[]>>
  /** `tips` and their ancestors, children first, without `not` and its ancestors. Missing commits are left out. */
  graph(tips: readonly string[], not: readonly string[]): Promise<GitOutcome<readonly GraphCommit[]>>
  /** Paths that each commit with at most one parent changes. */
  changedFiles(commits: readonly string[]): Promise<GitOutcome<ReadonlyMap<string, readonly string[]>>>
  /** Paths, without the host's, where a merge differs from what git makes of its parents; all candidates if git cannot tell. */
  mergeDifference(merge: GraphCommit, isHostFile: (path: string) => boolean): Promise<GitOutcome<readonly string[]>>
  /** The same for a target that was moved in one step. */
  squashDifference(made: Squash, isHostFile: (path: string) => boolean): Promise<GitOutcome<readonly string[]>>
  isAncestor(commit: string, of: string): Promise<boolean>
  /** Content of a file (absolute path) in the checked-out commit; null when it is missing or git cannot tell. */
  committed(file: string): Promise<string | null>
  /** The remote to which the branch is pushed; null when there is none. */
  remoteOf(branch: string): Promise<string | null>
  /** The commit of the branch on the remote; null when there is none or the remote does not answer. */
  onRemote(remote: string, branch: string): Promise<string | null>
}

/** The target before and after a merge, and the heads of the lanes that were to be merged. */
export interface Squash {
  readonly before: string
  readonly after: string
  readonly lanes: readonly string[]
}
