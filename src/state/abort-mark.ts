import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLogsFolder } from './store.ts'

/**
 * Written by `sko abort` before it signals the running process, to say that the run ends for good. The process then
 * names another next command than after an interruption. Nothing else depends on the mark.
 */
export function markAbort(kittify: string, runId: string): void {
  try {
    writeFileSync(markOf(kittify, runId), '', { flag: 'wx', mode: 0o600 })
  } catch {}
}

export function isAborting(kittify: string, runId: string): boolean {
  return existsSync(markOf(kittify, runId))
}

/** The process could not be stopped, so the run can still be resumed. */
export function unmarkAbort(kittify: string, runId: string): void {
  rmSync(markOf(kittify, runId), { force: true })
}

function markOf(kittify: string, runId: string): string {
  return join(runLogsFolder(kittify, runId), 'aborted')
}
