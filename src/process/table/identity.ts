import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import { isRunning, readBootId, readProcess } from './process-table.ts'

/** null: there is no such process. */
export function identify(pid: number): ProcessIdentity | null {
  const entry = readProcess(pid)
  return entry === null ? null : { pid, startTime: entry.startTime, bootId: readBootId() }
}

/** True if the same process is still running: a reused pid has another start time, an earlier boot another boot id. */
export function isAlive(identity: ProcessIdentity): boolean {
  const entry = readProcess(identity.pid)
  if (entry === null || !isRunning(entry)) return false
  return entry.startTime === identity.startTime && readBootId() === identity.bootId
}
