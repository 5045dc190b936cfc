import type { CooldownKey } from '../../core/agent/cooldown.ts'
import type { Clock } from '../clock.ts'

/** A CLI that is at its limit or signed out says so within seconds; one that lives longer is at work. */
const provingMs = 5_000

/**
 * While nobody knows whether an agent works - when a run begins, and after each of its limits - one attempt of it is
 * started, and the others wait for what becomes of that. So an agent at its limit, or signed out, costs one call,
 * however many WPs want it at once.
 */
export interface CarefulStart {
  /** Runs `start` at once where the agent has proved to work, else when it has, or as the one that finds out. */
  begin<T>(key: CooldownKey, signal: AbortSignal, start: () => Promise<T>): Promise<T>
  /** An attempt that began then, milliseconds since the epoch, was let work. */
  proved(key: CooldownKey, startedAt: number): void
  /** It is at its limit: what was proved before no longer counts. */
  refused(key: CooldownKey): void
}

export function createCarefulStart(clock: Clock): CarefulStart {
  const proven = new Set<CooldownKey>()
  const refusedAt = new Map<CooldownKey, number>()
  /** Aborted when it is known, or the attempt over. */
  const probes = new Map<CooldownKey, AbortSignal>()

  const proved = (key: CooldownKey, startedAt: number): void => {
    const refused = refusedAt.get(key) ?? Number.NEGATIVE_INFINITY
    // A clock that was set back behind the refusal no longer tells which was first.
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
