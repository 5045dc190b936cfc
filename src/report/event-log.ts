import { z } from 'zod'
import { plainJson } from '../core/text.ts'
import { appendLines } from '../files/append-line.ts'
import { readRegular } from '../files/read-regular.ts'
import { appendPrivate } from '../files/write-private.ts'
import type { Reporter } from '../run/events/event.ts'
import { storedNext } from '../run/events/stored-next.ts'

/** `logs/<runId>/events.ndjson`: every event, one line each. */
export function createEventLog(file: string, append = appendPrivate): Reporter {
  return {
    onEvent: event => appendLines(file, `${plainJson(event)}\n`, append),
    close: async () => {},
  }
}

/** Whether the last process that wrote to this log was paused at the end of it. */
export function wasPaused(file: string): boolean {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:paused|continued|run-started)"/.test(line))
  return last?.startsWith('{"type":"paused"') ?? false
}

const endSchema = z.object({ at: z.string(), reason: z.string(), exitCode: z.int(), next: z.array(storedNext) })

/** How the last process that wrote to this log ended; null when the log does not say. */
export function endInLog(file: string): z.infer<typeof endSchema> | null {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:run-started|run-finished|run-ended)"/.test(line))
  if (last === undefined || last.startsWith('{"type":"run-started"')) return null
  try {
    return endSchema.parse(JSON.parse(last))
  } catch {
    return null
  }
}

/** Empty when the file cannot be read: a status must not fail because of its log. */
function linesOf(file: string): readonly string[] {
  try {
    return readRegular(file).toString().split('\n')
  } catch {
    return []
  }
}
