import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { runLogsFolder } from './store.ts'

/**
 * `sko abort` says to the process that it stops by a signal that the run ends for good: its last words name another next
 * command than those of a run that was interrupted. Without the mark they name the wrong one, and nothing else differs.
 */
export function markAbort(kittify: string, runId: string): void {
  try {
    writeFileSync(markOf(kittify, runId), '', { flag: 'wx', mode: 0o600 })
  } catch {}
}

export function isAborting(kittify: string, runId: string): boolean {
  return existsSync(markOf(kittify, runId))
}

/** It could not be stopped: it can still be resumed. */
export function unmarkAbort(kittify: string, runId: string): void {
  rmSync(markOf(kittify, runId), { force: true })
}

function markOf(kittify: string, runId: string): string {
  return join(runLogsFolder(kittify, runId), 'aborted')
}
