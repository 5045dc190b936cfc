/**
 * Something that could not be asked or done just now: a file half saved, a lock, a full disk, another branch checked out
 * for a moment. It is asked again with growing pauses, and only what lasts is believed (`host.patience_seconds`).
 */
export interface Trouble {
  /** What could not be done, such as the step of a WP. */
  readonly what: string
  readonly reason: string
  /** How often in a row. */
  readonly times: number
  /** Milliseconds since the epoch, as the next. */
  readonly metAt: number
  readonly askAgainAt: number
}

/** What the host answers of the mission is believed to have changed once it was seen so often in a row, 35 s in all. */
export const believedAfter = 4

const firstPausesMs = [5_000, 10_000, 20_000, 40_000] as const
const longestPauseMs = 60_000

/** The same trouble once more, or a new one where something else could not be done. One met before its time counts as one. */
export function troubleAfter(before: Trouble | undefined, what: string, reason: string, now: number): Trouble {
  const same = before?.what === what ? before : undefined
  // A clock that was set back says nothing of how long ago it was.
  if (same && now >= same.metAt && now < same.askAgainAt) return { ...same, reason }
  const times = (same?.times ?? 0) + 1
  return { what, reason, times, metAt: now, askAgainAt: now + (firstPausesMs[times - 1] ?? longestPauseMs) }
}

/** Whether it has lasted so long. Counted in pauses: a wall clock may be set in the meantime. */
export function hasLasted({ times }: Trouble, patienceSeconds: number): boolean {
  const waited = Array.from({ length: times - 1 }, (_, index) => firstPausesMs[index] ?? longestPauseMs)
  return waited.reduce((sum, pause) => sum + pause, 0) >= patienceSeconds * 1000
}
