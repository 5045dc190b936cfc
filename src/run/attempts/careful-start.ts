import type { CooldownKey } from '../../core/agent/cooldown.ts'
import type { Clock } from '../clock.ts'

/** A CLI that is at its limit or signed out fails within seconds; one that runs longer works. */
const provingMs = 5_000

/**
 * When it is not known whether an agent works (at the start of a run, and after each of its limits), one attempt starts
 * and the others wait for its result. So an agent that is at its limit or signed out costs one call, not one per WP.
 */
export interface CarefulStart {
  /** Runs `start` at once if the agent is known to work; otherwise when that is known, or as the attempt that finds out. */
  begin<T>(key: CooldownKey, signal: AbortSignal, start: () => Promise<T>): Promise<T>
  /** An attempt that started then (milliseconds since the epoch) was able to work. */
  proved(key: CooldownKey, startedAt: number): void
  /** The agent is at its limit: earlier proofs no longer count. */
  refused(key: CooldownKey): void
}

export function createCarefulStart(clock: Clock): CarefulStart {
  const proven = new Set<CooldownKey>()
  const refusedAt = new Map<CooldownKey, number>()
  /** Aborted when the result is known or the attempt has ended. */
  const probes = new Map<CooldownKey, AbortSignal>()

  const proved = (key: CooldownKey, startedAt: number): void => {
    const refused = refusedAt.get(key) ?? Number.NEGATIVE_INFINITY
    // If the clock was set back to before the refusal, the order is not known.
    if (startedAt > refused || clock.now() < refused) proven.add(key)
  }

  const probe = async <T>(key: CooldownKey, start: () => Promise<T>): Promise<T> => {
    const over = new AbortController()
    probes.set(key, over.signal)
    const end = () => {
      if (probes.get(key) === over.signal) probes.delete(key)
      over.abort()
    }
    const startedAt = clock.now()
    const longEnough = clock.sleep(provingMs, over.signal).then(() => {
      if (!over.signal.aborted) proved(key, startedAt)
      end()
    })
    try {
      return await start()
    } finally {
      end()
      await longEnough
    }
  }

  return {
    proved,
    refused: key => {
      proven.delete(key)
      refusedAt.set(key, clock.now())
    },
    begin: async (key, signal, start) => {
      while (!proven.has(key) && !signal.aborted) {
        const found = probes.get(key)
        if (!found) return probe(key, start)
        await clock.sleep(provingMs, AbortSignal.any([found, signal]))
      }
      return start()
    },
  }
}
