import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'

export interface MarkedProcess {
  readonly pid: number
  readonly command: string
}

/** Processes in whose environment `name` has a value that begins with `prefix`. Zombies do not count. */
export function processesWithMarker(name: string, prefix: string): readonly MarkedProcess[] {
  return readdirSync('/proc')
    .filter(entry => /^\d+$/.test(entry))
    .filter(pid =>
      readProc(pid, 'environ')
        .split('\0')
        .some(variable => variable.startsWith(`${name}=${prefix}`)),
    )
    .map(pid => ({ pid: Number(pid), command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }))
}

const leavingMs = 10_000

/**
 * Fails if an agent or a host call of this mission still runs. A killed process goes when a busy machine gets to it,
 * so it looks again for a while; what is left then is ended, lest it disturb other tests.
 */
export async function expectNothingLeft(mission: { readonly repo: string }): Promise<void> {
  const deadline = Date.now() + leavingMs
  let left = processesWithMarker('SKO_REPO', mission.repo)
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20)
    left = processesWithMarker('SKO_REPO', mission.repo)
  }
  for (const { pid } of left) end(pid)
  expect(left, 'processes of the run that were left behind').toEqual([])
}

/** Empty when the process is gone, or another user's. */
function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself in the meantime.
  }
}
