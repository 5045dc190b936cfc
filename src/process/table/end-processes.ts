import { setTimeout as sleep } from 'node:timers/promises'
import { type Owned, type Ownership, trackOwned } from './ownership.ts'
import { isRunning, readProcess } from './process-table.ts'

/** A process in an uninterruptible call survives even KILL; do not wait longer than this. */
const killSeconds = 1.5
/**
 * One empty look is not enough: a process that is replacing its program has no environment, and one that forks and
 * exits can slip through between two entries (seen in 1 of 8 daemons looked for while they started).
 */
const emptyLooks = 4
const emptyPauseMs = 15

/**
 * Sends TERM to each process once, and KILL to those left after the grace period. Returns how many processes were
 * ended.
 */
export async function endProcesses(ownership: Ownership, graceSeconds: number): Promise<number> {
  const startedAt = performance.now()
  const found = new Set<number>()
  let empty = 0
  let pauseMs = 10
  for (;;) {
    const owned = ownership.look()
    const elapsedSeconds = (performance.now() - startedAt) / 1000
    const isEmpty = owned.processes.length === 0
    empty = isEmpty ? empty + 1 : 0
    if (empty === emptyLooks) return found.size
    const added = owned.processes.filter(entry => !found.has(entry.pid))
    if (elapsedSeconds >= graceSeconds + killSeconds) return found.size - owned.processes.length + added.length
    if (elapsedSeconds >= graceSeconds) signalAll(owned, 'SIGKILL')
    else if (added.length > 0) terminate(found.size === 0 ? owned : { processes: added, groups: [] })
    for (const entry of added) found.add(entry.pid)
    // A look costs up to 30 ms of processor time.
    pauseMs = Math.min(pauseMs * 2, 250)
    await sleep(isEmpty ? emptyPauseMs : pauseMs)
  }
}

/**
 * For a second Ctrl+C: sends KILL at once to all marked processes and their groups. Returns how many. Blocks for 50 ms.
 */
export function killMarked(name: string, value: string): number {
  const ownership = trackOwned([{ name, value }])
  const killed = new Set<number>()
  for (let look = 0; look < emptyLooks; look++) {
    if (look > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, emptyPauseMs)
    const owned = ownership.look()
    signalAll(owned, 'SIGKILL')
    for (const entry of owned.processes) killed.add(entry.pid)
  }
  return killed.size
}

/** A stopped process receives TERM only when it continues. */
function terminate(owned: Owned): void {
  signalAll(owned, 'SIGTERM')
  signalAll(owned, 'SIGCONT')
}

function signalAll(owned: Owned, signal: NodeJS.Signals): void {
  for (const group of owned.groups) send(-group, signal)
  for (const entry of owned.processes) {
    if (owned.groups.includes(entry.pgid)) continue
    const now = readProcess(entry.pid)
    if (now?.startTime === entry.startTime && isRunning(now)) send(entry.pid, signal)
  }
}

/** It may already be gone (ESRCH), or only zombies are left (EPERM on macOS). */
function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch {}
}
