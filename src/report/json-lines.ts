import { closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { plainJson } from '../core/text.ts'
import type { Reporter } from '../run/events/event.ts'

/** An output that may not accept everything at once. */
export interface LineSink {
  write(text: string): void
  /** Bytes that are not written yet. */
  pending(): number
  onDrain(call: () => void): void
}

/** The most that is kept in memory for a reader that has stopped; the rest is read from the event log later. */
const mostPending = 1024 * 1024
const partBytes = 256 * 1024

/** `--json`: NDJSON on stdout, and nothing else there. `log` has the same lines, each written before it comes here. */
export function createJsonLines(sink: LineSink, log: string): Reporter {
  /** Offset in the log of the first line that was not passed on yet; null when there is none. */
  let from: number | null = null
  const handOn = (): void => {
    if (from === null) return
    const part = linesFrom(log, from)
    from = part.length === 0 ? null : from + part.length
    if (part.length > 0) sink.write(part.toString())
  }
  sink.onDrain(handOn)
  return {
    onEvent: event => {
      const line = `${plainJson(event)}\n`
      if (from !== null) return
      if (sink.pending() + line.length <= mostPending) sink.write(line)
      else from = sizeOf(log) - Buffer.byteLength(line)
    },
    close: async () => {},
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Returns whole lines only. */
function linesFrom(file: string, from: number): Buffer {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const buffer = Buffer.alloc(partBytes)
      const part = buffer.subarray(0, readSync(descriptor, buffer, 0, partBytes, from))
      return part.subarray(0, part.lastIndexOf(0x0a) + 1)
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return Buffer.alloc(0)
  }
}
