/** A setting of the repository that all worktrees share, and that breaks git or the host in the main checkout. */
export interface FlippedSetting {
  readonly key: string
  /** null: it was not set. */
  readonly was: string | null
  readonly is: string | null
  /** The command that puts it back. */
  readonly cure: string
}

/** Each key once, with the value that it had before the first of these, which are in the order in which they happened. */
export function firstFlips(flips: readonly FlippedSetting[]): readonly FlippedSetting[] {
  return flips.filter(({ key }, n) => flips.findIndex(other => other.key === key) === n)
}
