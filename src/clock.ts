import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './run/clock.ts'

/** setTimeout ends at once beyond 2^31 - 1 ms (24.8 days); a shorter wait is only followed by another look. */
const longestSleepMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (ms, signal) => {
    // An abort is the other way in which a wait ends, not an error.
    await sleep(Math.min(ms, longestSleepMs), undefined, { signal }).catch(() => undefined)
  },
}
