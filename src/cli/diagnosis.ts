import { join } from 'node:path'
import { destination, type Logger, pino } from 'pino'

/** `logs/<runId>/orchestrator.log`: for diagnosis, not for users. Synchronous, so that a kill -9 loses nothing. */
export function createDiagnosis(logsFolder: string): Logger {
  const file = destination({ dest: join(logsFolder, 'orchestrator.log'), sync: true, mode: 0o600 })
  // A full disk must not end a run through its diagnosis.
  file.on('error', () => undefined)
  return pino({ base: null }, file)
}
