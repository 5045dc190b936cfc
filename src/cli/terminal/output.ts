import { join } from 'node:path'
import { printable } from '../../core/text.ts'
import { createBoard } from '../../report/board.ts'
import type { BoardSize } from '../../report/board-view.ts'
import { createEventLog } from '../../report/event-log.ts'
import { createJsonLines } from '../../report/json-lines.ts'
import { createLines } from '../../report/lines.ts'
import type { Reporter } from '../../run/events/event.ts'
import type { SteadyOutput } from './steady-output.ts'

export interface OutputOptions {
  readonly json: boolean
  readonly plain: boolean
}

/** Writes to stdout. A closed pipe (`sko … | head`) must not end a run that costs money. */
export function writeOut(text: string): void {
  process.stdout.write(printable(text))
}

/** Writes without removing control sequences: only for our own cursor movements. */
export function paint(text: string): void {
  process.stdout.write(text)
}

/** Writes a note for a person to stderr, for commands whose stdout is read by a program. */
export function writeNote(text: string): void {
  process.stderr.write(text)
}

/** null when stdout is not a terminal. */
export function terminalColumns(): number | null {
  return process.stdout.isTTY ? process.stdout.columns : null
}

/** null when stdout is not a terminal. */
export function terminalSize(): BoardSize | null {
  return process.stdout.isTTY ? { columns: process.stdout.columns, rows: process.stdout.rows } : null
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

/** The board needs a terminal that can show it, and neither `--json` nor `--plain`. */
export function showsBoard({ json, plain }: OutputOptions): boolean {
  return !json && !plain && process.stdout.isTTY && !process.env.CI && process.env.TERM !== 'dumb'
}

/** NDJSON with `--json`, the board where the terminal can show it, plain lines otherwise. */
function shown(options: OutputOptions, takesKeys: boolean, out: SteadyOutput, log: string): Reporter {
  if (options.json) return createJsonLines(out, log)
  if (!showsBoard(options)) return createLines(text => writeWhileTaken(out, printable(text)))
  const size = () => ({ columns: process.stdout.columns, rows: process.stdout.rows })
  return createBoard({ write: out.write, isReady: () => out.pending() === 0, size, takesKeys }, Date.now)
}

const mostUnread = 1024 * 1024

/** Lines are dropped when the reader has stopped; the event log has all of them. */
function writeWhileTaken(out: SteadyOutput, text: string): void {
  if (out.pending() + text.length <= mostUnread) out.write(text)
}
