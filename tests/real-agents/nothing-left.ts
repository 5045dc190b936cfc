import { readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { runMarker } from '../../src/local/agent-runner.ts'
import { isRunning, listProcesses, type ProcessEntry } from '../../src/process/table/process-table.ts'
import { withMarker } from '../../src/process/table/process-tree.ts'

/** A killed process leaves the table when a busy machine gets to it; one that was not killed is still there then. */
const leavingMs = 10_000

/**
 * Fails if a process of the run is alive: one that carries its marker, or one that works in its folder (a program may
 * have overwritten its environment). What is left is ended, lest it disturb other cases.
 */
export async function expectNothingLeft(runId: string, folder: string): Promise<void> {
  const deadline = Date.now() + leavingMs
  let left = leftOf(runId, folder)
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(20)
    left = leftOf(runId, folder)
  }
  for (const { pid } of left) process.kill(pid, 'SIGKILL')
  expect(left, 'processes of the agent that outlived its attempt').toEqual([])
}

function leftOf(runId: string, folder: string): readonly ProcessEntry[] {
  const table = listProcesses()
  const marked = withMarker([{ name: runMarker, value: runId }], table)
  const inside = [...table.values()].filter(entry => isRunning(entry) && workingFolder(entry.pid).startsWith(folder))
  return [...new Set([...marked, ...inside])]
}

/** Empty when it is gone, or another user's. */
function workingFolder(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}
