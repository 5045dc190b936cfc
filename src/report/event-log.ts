import { appendFileSync, readFileSync } from 'node:fs'
import type { Reporter } from './event.ts'

/** `logs/<runId>/events.ndjson`: every event, one line each. Appended at once, so that a kill -9 loses none. */
export function createEventLog(file: string): Reporter {
  return {
    onEvent: event => appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 }),
    close: async () => {},
  }
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
