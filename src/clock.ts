import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from './run/clock.ts'

/** setTimeout fires at once beyond 2^31 - 1 ms (24.8 days). After a shorter wait, the caller checks again. */
const longestSleepMs = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (ms, signal) => {
    // An abort is a normal way to end a wait, not an error.
    await sleep(Math.min(ms, longestSleepMs), undefined, { signal }).catch(() => undefined)
  },
}
