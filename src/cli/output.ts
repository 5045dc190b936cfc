import { join } from 'node:path'
import type { Reporter } from '../report/event.ts'
import { createEventLog } from '../report/event-log.ts'
import { createJsonLines } from '../report/json-lines.ts'
import { createLines } from '../report/lines.ts'

export interface OutputOptions {
  readonly json: boolean
}

/** Writes to stdout; a reader that went away (`sko … | head`) must not end a run that costs money. */
export function writeOut(text: string): void {
  process.stdout.write(text)
}

export function ignoreBrokenPipes(): void {
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}

export function reportersFor(options: OutputOptions, logsFolder: string): readonly Reporter[] {
  const shown = options.json ? createJsonLines(writeOut) : createLines(writeOut)
  return [createEventLog(join(logsFolder, 'events.ndjson')), shown]
}
