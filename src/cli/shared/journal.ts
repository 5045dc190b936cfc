import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import { oneLine } from '../../core/text.ts'
import { makeFolder } from '../../files/durable-write.ts'
import { describe } from '../../report/describe.ts'
import { createEventLog } from '../../report/event-log.ts'
import { createReport } from '../../report/reporter.ts'
import type { EventBody, Reporter } from '../../run/events/event.ts'
import type { RunState } from '../../state/schema.ts'
import { runLogsFolder } from '../../state/store.ts'
import { writeNote } from '../terminal/output.ts'

/**
 * Appends what a command does without a live run to the journal of the saved run. Only under the run lock, so that there
 * is one writer. A failed write does not stop the command; one line on stderr reports it.
 */
export function openJournal(kittify: string, run: RunState): (event: EventBody) => void {
  const logs = runLogsFolder(kittify, run.runId)
  const log = createEventLog(join(logs, 'events.ndjson'))
  const journal: Reporter = {
    onEvent: event => {
      makeFolder(logs, kittify)
      log.onEvent(event)
    },
    close: log.close,
  }
  return createReport(run, systemClock.now, [journal, trouble]).report
}

const trouble: Reporter = {
  onEvent: event => {
    if (event.type === 'not-reported') writeNote(`sko: ${oneLine(describe(event) ?? '', Number.POSITIVE_INFINITY)}\n`)
  },
  close: async () => {},
}
