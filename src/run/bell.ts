import type { Clock } from './ports.ts'

export interface Bell {
  ring(): void
  /** Until it is rung, the time is over or the signal comes. A ring from before, not hushed yet, ends it at once. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  hush(): void
}

/** Wakes the loop when a WP ends; otherwise a wait ends by itself. */
export function createBell(clock: Clock): Bell {
  let rung = false
  let wake = new AbortController()
  return {
    ring: () => {
      rung = true
      wake.abort()
    },
    wait: async (ms, signal) => {
      if (!rung) await clock.sleep(Math.max(0, ms), AbortSignal.any([wake.signal, signal]))
    },
    hush: () => {
      rung = false
      wake = new AbortController()
    },
  }
}
