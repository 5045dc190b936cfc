/** The result of a git call, in the same form as an answer of the host (`HostOutcome`). */
export type GitOutcome<T> = { readonly ok: true; readonly data: T } | GitFailure

/** git cannot do it, or cannot use a file that it needs: something is wrong with the repository, not with sko. */
export interface GitFailure {
  readonly ok: false
  readonly message: string
  /** The complete command that repairs a lane worktree; null when none is known, or when it needs the branch's name. */
  readonly cureOn: (laneBranch: string | null) => string | null
}

/** For something that a run can do without: null after any failure. */
export async function orNull<T>(asked: Promise<GitOutcome<T>>): Promise<T | null> {
  const outcome = await asked.catch(() => null)
  return outcome?.ok ? outcome.data : null
}
