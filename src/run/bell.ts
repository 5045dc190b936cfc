import type { Clock } from './clock.ts'

export interface Bell {
  ring(): void
  /** Resolves when the bell rings, the time is over or the signal aborts; at once if it rang since the last reset. */
  wait(ms: number, signal: AbortSignal): Promise<void>
  /** Returns whether it rang since the last reset. */
  reset(): boolean
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
    reset: () => {
      const rang = rung
      rung = false
      wake = new AbortController()
      return rang
    },
  }
}
