import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning, readProcess } from '../../process/table/process-table.ts'

const pollMs = 200

/** Waits for the end of a process that is no child of ours. It must be running when this is called. */
export async function followOrphan(pid: number): Promise<void> {
  const first = readProcess(pid)
  if (first === null) return
  for (;;) {
    const now = readProcess(pid)
    if (now === null || now.startTime !== first.startTime || !isRunning(now)) return
    await sleep(pollMs)
  }
}

export function signalName(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name ?? `signal ${number}`
}
