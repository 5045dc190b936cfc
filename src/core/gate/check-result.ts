/** One of the configured `checks`, run on the lane worktree. */
export interface CheckResult {
  readonly command: string
  /** null when it was stopped. */
  readonly exitCode: number | null
  /** The limit it exceeded, if it was stopped. */
  readonly stopped?: string
  /** The end of its output, redacted; empty when it passed. */
  readonly output: string
  /** Absolute path of its whole output; null for a built-in check, which has no process. */
  readonly log: string | null
  /** For a built-in check: what is wrong, in a few words. */
  readonly reason?: string
  /** The commands with which a person fixes it before `sko retry`. */
  readonly cures?: readonly string[]
  /** For a check that did not run on the work alone (`checks.also_base`): the files that were as this commit has them. */
  readonly withBase?: BaseFiles
}

export interface BaseFiles {
  readonly commit: string
  /** Quoted. */
  readonly files: readonly string[]
  /** Files that are not in this list. */
  readonly more: number
}

export function howCheckEnded({
  exitCode,
  stopped,
  reason,
}: Pick<CheckResult, 'exitCode' | 'stopped' | 'reason'>): string {
  if (reason !== undefined) return reason
  if (exitCode !== null) return `exit ${exitCode}`
  return stopped === undefined ? 'stopped' : `stopped, ${stopped}`
}
