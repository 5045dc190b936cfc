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
  /** Since it was first met: the pauses, and what the tries after them took. */
  readonly lastedMs: number
  /** Milliseconds since the epoch, as the next. */
  readonly metAt: number
  readonly askAgainAt: number
}

/** What the host answers of the mission is believed to have changed once it was seen so often in a row, 35 s in all. */
export const believedAfter = 4

const firstPausesMs = [5_000, 10_000, 20_000, 40_000] as const
const longestPauseMs = 60_000

/**
 * The same trouble once more, or a new one where something else could not be done. One met before its time counts as one.
 * A new one goes on with the time of the one before it: two that alternate end in a person being asked, as one does.
 *
 * `tookMs`: how long the try took that met it. A host that answers late lets little of the patience pass in pauses.
 */
export function troubleAfter(
  before: Trouble | undefined,
  what: string,
  reason: string,
  now: number,
  tookMs = 0,
): Trouble {
  const same = before?.what === what ? before : undefined
  // A clock that was set back says nothing of how long ago it was.
  if (same && now >= same.metAt && now < same.askAgainAt) return { ...same, reason }
  const times = (same?.times ?? 0) + 1
  const lastedMs = before ? before.lastedMs + pauseAfter(before.times) + tookMs : 0
  return { what, reason, times, lastedMs, metAt: now, askAgainAt: now + pauseAfter(times) }
}

function pauseAfter(times: number): number {
  return firstPausesMs[times - 1] ?? longestPauseMs
}

/** Whether it has lasted this long. Not by the wall clock, which may be set in the meantime. */
export function hasLasted({ lastedMs }: Trouble, patienceSeconds: number): boolean {
  return lastedMs >= patienceSeconds * 1000
}
