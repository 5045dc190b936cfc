import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readSync } from 'node:fs'
import { z } from 'zod'
import { plainJson } from '../core/text.ts'
import { readRegular } from '../files/read-regular.ts'
import { appendPrivate } from '../files/write-private.ts'
import type { Reporter } from '../run/events/event.ts'

/**
 * `logs/<runId>/events.ndjson`: every event, one line each. Appended at once, so that a kill -9 loses none. What a full
 * disk has let us write of a line is cut off again; what a power failure has left of one stays a line of its own.
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

/** True also where there is nothing, or nothing that can be read. */
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

/** Through a link it would cut a file of the user's: an agent can put one there. */
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

/** Whether the process that wrote the last events of this log was paused then. */
export function wasPaused(file: string): boolean {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:paused|continued|run-started)"/.test(line))
  return last?.startsWith('{"type":"paused"') ?? false
}

const endSchema = z.object({ at: z.string(), reason: z.string(), exitCode: z.int(), next: z.array(z.string()) })

/** How the process that wrote the last events of this log ended, as far as it could say; null: it could not. */
export function endInLog(file: string): z.infer<typeof endSchema> | null {
  const last = linesOf(file).findLast(line => /^\{"type":"(?:run-started|run-finished|run-ended)"/.test(line))
  if (last === undefined || last.startsWith('{"type":"run-started"')) return null
  try {
    return endSchema.parse(JSON.parse(last))
  } catch {
    return null
  }
}

/** None where it cannot be read: a status is more than this one word of it. */
function linesOf(file: string): readonly string[] {
  try {
    return readRegular(file).toString().split('\n')
  } catch {
    return []
  }
}
