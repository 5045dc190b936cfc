import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { appendPrivate } from '../../files/write-private.ts'

/** `logs/<runId>/orchestrator.log`: for diagnosis, not for users. Synchronous, so that a kill -9 loses nothing. */
export function createDiagnosis(logsFolder: string): Logger {
  const file = join(logsFolder, 'orchestrator.log')
  return pino({ base: null }, { write: line => writeIfPossible(file, line) })
}

/**
 * A full disk must not end a run through its diagnosis. Not pino's own destination: it throws when the file cannot be
 * opened, and at the end of the process it tries for ever to write what is left.
 */
function writeIfPossible(file: string, line: string): void {
  try {
    appendPrivate(file, line)
  } catch {}
}
