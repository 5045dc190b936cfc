import { setTimeout as sleep } from 'node:timers/promises'
import { type Owned, type Ownership, trackOwned } from './ownership.ts'
import { isRunning, readProcess } from './process-table.ts'

/** A process in an uninterruptible call outlives even KILL; it is not waited for longer than this. */
const killSeconds = 1.5

/** TERM, wait until all are gone or the grace is over, KILL. Returns how many processes were ended. */
export async function endProcesses(ownership: Ownership, graceSeconds: number): Promise<number> {
  const ended = new Set<number>()
  const note = (owned: Owned): boolean => {
    for (const entry of owned.processes) ended.add(entry.pid)
    return owned.processes.length === 0
  }
  const first = ownership.look()
  if (note(first)) return 0
  signalAll(first, 'SIGTERM')
  // A stopped process hears TERM only when it goes on.
  signalAll(first, 'SIGCONT')
  if (await until(() => note(ownership.look()), graceSeconds)) return ended.size
  const killed = await until(() => {
    const owned = ownership.look()
    signalAll(owned, 'SIGKILL')
    return note(owned)
  }, killSeconds)
  return killed ? ended.size : ended.size - ownership.look().processes.length
}

/** At once and without waiting, for a second Ctrl+C: KILLs what carries the marker and its groups. Returns how many. */
export function killMarked(name: string, value: string): number {
  const ownership = trackOwned({ name, value })
  const killed = new Set<number>()
  // The second pass catches what was forked during the first.
  for (let pass = 0; pass < 2; pass++) {
    const owned = ownership.look()
    signalAll(owned, 'SIGKILL')
    for (const entry of owned.processes) killed.add(entry.pid)
  }
  return killed.size
}

function signalAll(owned: Owned, signal: NodeJS.Signals): void {
  for (const group of owned.groups) send(-group, signal)
  for (const entry of owned.processes) {
    if (owned.groups.includes(entry.pgid)) continue
    const now = readProcess(entry.pid)
    if (now?.startTime === entry.startTime && isRunning(now)) send(entry.pid, signal)
  }
}

/** It may be gone already (ESRCH), or only zombies are left (EPERM on macOS). */
function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch {}
}

/** Looks more and more rarely: a look costs up to 30 ms of processor time. */
async function until(condition: () => boolean, seconds: number): Promise<boolean> {
  const deadline = performance.now() + seconds * 1000
  for (let pause = 10; !condition(); pause = Math.min(pause * 2, 250)) {
    const left = deadline - performance.now()
    if (left <= 0) return false
    await sleep(Math.min(pause, left))
  }
  return true
}
