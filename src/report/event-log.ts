import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { plainJson } from '../core/text.ts'
import { readRegular } from '../files/read-regular.ts'
import { appendPrivate } from '../files/write-private.ts'
import type { Reporter } from '../run/events/event.ts'

/**
 * `logs/<runId>/events.ndjson`: one line per event, appended at once, so that a kill -9 loses none. A line that a full
 * disk cut short is removed again. A partial line after a power failure stays as a line of its own.
 */
export function createEventLog(file: string, append = appendPrivate): Reporter {
  return {
    onEvent: event => {
      const before = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
      try {
        append(file, `${endsLine(file) ? '' : '\n'}${plainJson(event)}\n`)
      } catch (error) {
        cutBack(file, before)
        throw new Error(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
    close: async () => {},
  }
}

/** Also true when the file is missing or cannot be read. */
function endsLine(file: string): boolean {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const { size } = fstatSync(descriptor)
      const last = Buffer.from('\n')
      readSync(descriptor, last, 0, 1, Math.max(0, size - 1))
      return last.toString() === '\n'
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return true
  }
}

/** Does not follow links: an agent can put one there, and this would truncate a file of the user. */
function cutBack(file: string, size: number): void {
  try {
    const descriptor = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const now = fstatSync(descriptor)
      if (now.isFile() && now.size > size) ftruncateSync(descriptor, size)
    } finally {
      closeSync(descriptor)
    }
  } catch {}
}

/** Whether the last process that wrote to this log was paused at the end of it. */
export function wasPaused(file: string): boolean {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:paused|continued|run-started)"/.test(line))
  return last?.startsWith('{"type":"paused"') ?? false
}

const endSchema = z.object({ at: z.string(), reason: z.string(), exitCode: z.int(), next: z.array(z.string()) })

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
