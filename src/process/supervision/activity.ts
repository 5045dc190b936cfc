import type { Stretch } from '../../core/agent/liveness.ts'
import type { Ownership } from '../table/ownership.ts'
import type { ProcessEntry } from '../table/process-table.ts'

type Activity = Pick<Stretch, 'outputGrew' | 'cpuSeconds'>

/** Returns a function that reports the activity since its last call. */
export function watchActivity(printed: () => number, ownership: Ownership): () => Activity {
  let bytes = printed()
  let processes = byIdentity(ownership.glance())

  return () => {
    const bytesNow = printed()
    const processesNow = byIdentity(ownership.glance())
    const outputGrew = bytesNow !== bytes
    const cpuSeconds = [...processesNow].reduce((sum, [key, entry]) => {
      const before = processes.get(key)?.cpuSeconds ?? 0
      return sum + Math.max(0, entry.cpuSeconds - before)
    }, 0)
    bytes = bytesNow
    processes = processesNow
    return { outputGrew, cpuSeconds }
  }
}

function byIdentity(entries: readonly ProcessEntry[]): ReadonlyMap<string, ProcessEntry> {
  return new Map(entries.map(entry => [`${entry.pid} ${entry.startTime}`, entry]))
}
