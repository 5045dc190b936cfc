import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { identify, isAlive } from '../../process/table/identity.ts'

const pollMs = 200

/** Waits for the end of a process that is no child of ours. It must be running when this is called. */
export async function followOrphan(pid: number): Promise<void> {
  const identity = identify(pid)
  while (identity !== null && isAlive(identity)) await sleep(pollMs)
}

export function signalName(number: number): string {
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0]
  return name ?? `signal ${number}`
}
