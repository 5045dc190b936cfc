import { setTimeout as sleep } from 'node:timers/promises'

const graceMs = 2000
const pollMs = 50

/**
 * Sends TERM to the group of a call that takes too long and to the children it started, then KILL to those left after
 * the grace period. Does not wait forever for a leader that cannot die.
 */
export async function endGroup(group: number, leader: Promise<unknown>): Promise<void> {
  signalGroup(group, 'SIGTERM')
  const deadline = performance.now() + graceMs
  while (signalGroup(group, 0)) {
    if (performance.now() > deadline) {
      signalGroup(group, 'SIGKILL')
      break
    }
    await sleep(pollMs)
  }
  await Promise.race([leader, sleep(graceMs, undefined, { ref: false })])
}

/** False when no process is left in the group. */
function signalGroup(group: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    return process.kill(-group, signal)
  } catch {
    return false
  }
}
