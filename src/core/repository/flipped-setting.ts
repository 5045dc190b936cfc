/** A setting of the repository that all worktrees share, and that breaks git or the host in the main checkout. */
export interface FlippedSetting {
  readonly key: string
  /** null when it was not set. */
  readonly was: string | null
  readonly is: string | null
  /** The command that restores it. */
  readonly cure: string
}

/** Each key once, with its value before the first change. `flips` are in the order in which they happened. */
export function firstFlips(flips: readonly FlippedSetting[]): readonly FlippedSetting[] {
  return flips.filter(({ key }, n) => flips.findIndex(other => other.key === key) === n)
}
