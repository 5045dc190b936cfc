/**
 * A step or question that failed for a reason that may pass: a half-saved file, a lock, a full disk, another branch
 * checked out for a moment. It is tried again with growing pauses. Only a lasting one counts (`host.patience_seconds`).
 */
export interface Trouble {
  /** What could not be done, such as the step of a WP. */
  readonly what: string
  readonly reason: string
  /** How often in a row. */
  readonly times: number
  /** Duration so far: the pauses and the tries after them. */
  readonly lastedMs: number
  /** Milliseconds since the epoch, as the next. */
  readonly metAt: number
  readonly askAgainAt: number
}

/** A changed answer of the host about the mission is believed after it was seen this many times in a row (35 s). */
export const believedAfter = 4

const firstPausesMs = [5_000, 10_000, 20_000, 40_000] as const
const longestPauseMs = 60_000

/**
 * The same trouble again, or a new one when something else failed. A try before its time does not count again. A new
 * trouble keeps the duration of the one before it, so that two alternating ones also end in asking a person.
 *
 * `tookMs`: how long the failed try took. With a slow host most of the patience passes in tries, not in pauses.
 */
export function troubleAfter(
  before: Trouble | undefined,
  what: string,
  reason: string,
  now: number,
  tookMs = 0,
): Trouble {
  const same = before?.what === what ? before : undefined
  // After the clock was set back, the time since then is not known.
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
