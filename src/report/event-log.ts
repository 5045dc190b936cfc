import { appendFileSync } from 'node:fs'
import type { Reporter } from './event.ts'

/** `logs/<runId>/events.ndjson`: every event, one line each. Appended at once, so that a kill -9 loses none. */
export function createEventLog(file: string): Reporter {
  return {
    onEvent: event => appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 }),
    close: async () => {},
  }
}
