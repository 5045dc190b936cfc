import type { Clock } from '../../../src/run/clock.ts'

export interface VirtualTime {
  readonly clock: Clock
  /** Milliseconds that have passed, whatever was set. */
  passed(): number
  /** Someone sets the wall clock, forward or back: what sleeps is not touched by it. */
  set(ms: number): void
  /** Resolves when the time has come, or at once when the signal is aborted. */
  delay(ms: number, signal?: AbortSignal): Promise<void>
  /** Lets time pass until the promise settles. Fails when nothing is left to wait for, or the time is up. */
  drive<T>(promise: Promise<T>, longestMs?: number): Promise<T>
}

interface Timer {
  readonly due: number
  /** Orders timers that are due at the same moment. */
  readonly tie: number
  readonly ring: () => void
}

const weekMs = 7 * 24 * 3600 * 1000

/** A clock that stands still while anything can continue, then jumps to the next timer: hours pass in milliseconds. */
export function createVirtualTime(random: () => number, startMs = Date.UTC(2026, 0, 1)): VirtualTime {
  let now = startMs
  let offset = 0
  const timers = new Set<Timer>()

  const delay = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise(resolve => {
      if (signal?.aborted) return resolve()
      const end = () => {
        timers.delete(timer)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      const timer: Timer = { due: now + Math.max(0, ms), tie: random(), ring: end }
      timers.add(timer)
      signal?.addEventListener('abort', end)
    })

  const next = (): Timer | undefined => {
    let first: Timer | undefined
    for (const timer of timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.tie < first.tie)) first = timer
    }
    return first
  }

  return {
    delay,
    clock: { now: () => now + offset, elapsed: () => now - startMs, sleep: delay },
    passed: () => now - startMs,
    set: ms => {
      offset += ms
    },
    async drive(promise, longestMs = weekMs) {
      const until = now + longestMs
      let settled = false
      const watch = () => {
        settled = true
      }
      promise.then(watch, watch)
      for (;;) {
        await new Promise(resolve => setImmediate(resolve))
        if (settled) return promise
        const timer = next()
        if (!timer) throw new Error('stuck: nothing that anybody waits for can still happen')
        if (timer.due > until) throw new Error(`not at its end after ${longestMs / 3_600_000} virtual hours`)
        now = Math.max(now, timer.due)
        timer.ring()
      }
    },
  }
}

/** Numbers in [0, 1) that a seed decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
