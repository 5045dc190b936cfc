import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import { makeFolder } from '../../files/durable-write.ts'
import { openToAppend } from '../../files/write-private.ts'

/** Lines that cannot be written are kept for the next write, up to this size. */
const maxBytesWaiting = 1_000_000

/**
 * `logs/<runId>/orchestrator.log`: for diagnosis, not for users. Synchronous, so that a kill -9 loses nothing. A failing
 * disk does not end the run. We open the file ourselves, because pino would follow a link that an agent has left.
 */
export function createDiagnosis(logsFolder: string, kittify: string): Logger {
  try {
    makeFolder(logsFolder, kittify)
    const dest = openToAppend(join(logsFolder, 'orchestrator.log'))
    const destination = pino.destination({ dest, sync: true, maxLength: maxBytesWaiting })
    destination.on('error', () => undefined)
    return pino({ base: null }, destination)
  } catch {
    return pino({ enabled: false })
  }
}
