import { join } from 'node:path'
import { printable } from '../../core/text.ts'
import { createBoard } from '../../report/board.ts'
import { createEventLog } from '../../report/event-log.ts'
import { createJsonLines } from '../../report/json-lines.ts'
import { createLines } from '../../report/lines.ts'
import type { Reporter } from '../../run/events/event.ts'
import type { SteadyOutput } from './steady-output.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly plain: boolean
}

/** Writes to stdout; a reader that went away (`sko … | head`) must not end a run that costs money. */
export function writeOut(text: string): void {
  process.stdout.write(printable(text))
}

/** For what moves the cursor of the user's terminal, which is ours alone. */
export function paint(text: string): void {
  process.stdout.write(text)
}

/** For a person who watches, where stdout belongs to a program. */
export function writeNote(text: string): void {
  process.stderr.write(text)
}

/** null: stdout is no terminal. */
export function terminalColumns(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null
}

export function ignoreBrokenPipes(): void {
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}

export function reportersFor(
  options: OutputOptions,
  logsFolder: string,
  takesKeys: boolean,
  out: SteadyOutput,
): readonly [Reporter, Reporter] {
  const log = join(logsFolder, 'events.ndjson')
  return [createEventLog(log), shown(options, takesKeys, out, log)]
}

/** The board is for a terminal that can show it, where nothing else was asked for. */
export function showsBoard({ json, plain }: OutputOptions): boolean {
  return !json && !plain && process.stdout.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
}

/** NDJSON where it was asked for, the board where it can be shown, plain lines everywhere else. */
function shown(options: OutputOptions, takesKeys: boolean, out: SteadyOutput, log: string): Reporter {
  if (options.json) return createJsonLines(out, log)
  if (!showsBoard(options)) return createLines(text => writeWhileTaken(out, printable(text)))
  const size = () => ({ columns: process.stdout.columns, rows: process.stdout.rows })
  return createBoard({ write: out.write, isReady: () => out.pending() === 0, size, takesKeys }, Date.now)
}

const mostUnread = 1024 * 1024

/** Lines for a reader that has stopped are dropped at some point: all is in the event log. */
function writeWhileTaken(out: SteadyOutput, text: string): void {
  if (out.pending() + text.length <= mostUnread) out.write(text)
}
