import { lstatSync, readFileSync, truncateSync } from 'node:fs'
import { plainJson } from '../core/text.ts'
import { appendPrivate } from '../process/write-private.ts'
import type { Reporter } from './event.ts'

/**
 * `logs/<runId>/events.ndjson`: every event, one line each. Appended at once, so that a kill -9 loses none. What a full
 * disk has let us write of a line is cut off again.
 */
export function createEventLog(file: string, append = appendPrivate): Reporter {
  return {
    onEvent: event => {
      const before = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
      try {
        append(file, `${plainJson(event)}\n`)
      } catch (error) {
        cutBack(file, before)
        throw new Error(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    close: async () => {},
  }
}

function cutBack(file: string, size: number): void {
  try {
    truncateSync(file, size)
  } catch {}
}

/** Whether the process that wrote the last events of this log was paused then. */
export function wasPaused(file: string): boolean {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:paused|continued|run-started)"/.test(line))
  return last?.startsWith('{"type":"paused"') ?? false
}

/** None where it cannot be read: a status is more than this one word of it. */
function linesOf(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    return []
  }
}
