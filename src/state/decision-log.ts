import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, recordVersion } from '../core/explain/entry.ts'
import { isRecord, parseJson } from '../core/json.ts'
import { plainJson } from '../core/text.ts'
import { appendLines } from '../files/append-line.ts'
import { readRegular } from '../files/read-regular.ts'
import { entrySchema } from './decision-schema.ts'

/** Measured with the simulator: 1.7 kB per attempt, so this is enough for some 9,000 attempts. */
const maxBytes = 16 * 1024 * 1024
/** If the disk is full, entries wait for the next write. A gap would make later entries useless. */
const maxWaiting = 1024 * 1024

/** The record of a run, beside its journal. Unlike the journal it is not for users: its format may change with any version. */
export function decisionLog(logs: string): string {
  return join(logs, 'decisions.ndjson')
}

/** Never throws. `onFailure` is called once. */
export function createDecisionLog(
  file: string,
  onFailure: (reason: string) => void,
  append = appendLines,
): (entry: Entry) => void {
  let waiting = ''
  let isOver = false
  let hasFailed = false
  return entry => {
    if (!isOver) waiting += lineOf(entry)
    if (!isOver && (waiting.length > maxWaiting || sizeOf(file) + waiting.length > maxBytes)) {
      isOver = true
      waiting = lineOf({ type: 'lost', at: entry.at })
    }
    if (waiting === '') return
    try {
      append(file, waiting)
      waiting = ''
    } catch (error) {
      if (!hasFailed) onFailure(error instanceof Error ? error.message : String(error))
      hasFailed = true
    }
  }
}

function sizeOf(file: string): number {
  return lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** Leaves out what the reader fills in again. No object here has numeric keys, so numbers are list indexes. */
function lineOf(entry: Entry): string {
  const isFilledIn = (value: unknown) => value === null || value === false || value === ''
  const short = JSON.stringify(entry, (name, value) => (isFilledIn(value) && !/^\d+$/.test(name) ? undefined : value))
  return `${plainJson(JSON.parse(short))}\n`
}

/** The record of one process of a run. */
export type RecordedProcess =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[]; readonly brokenLine: number | null }
  | { readonly kind: 'other-version'; readonly version: number }

/** Throws if the file cannot be read. */
export function readDecisionLog(file: string): readonly RecordedProcess[] {
  return decisionsIn(readRegular(file).toString())
}

/** The record of each process of the run, in order. */
export function decisionsIn(text: string): readonly RecordedProcess[] {
  const lines = text.split('\n')
  const found: { begin: number; lines: readonly string[] }[] = []
  const begins = lines.flatMap((line, index) => (versionIn(line) === null ? [] : [index]))
  for (const [nth, begin] of begins.entries()) found.push({ begin, lines: lines.slice(begin, begins[nth + 1]) })
  return found.map(({ begin, lines }) => processOf(lines, begin))
}

function processOf(lines: readonly string[], begin: number): RecordedProcess {
  const version = versionIn(lines[0] ?? '')
  if (version !== null && version !== recordVersion) return { kind: 'other-version', version }
  const entries: Entry[] = []
  const written = lines.filter((line, index) => line !== '' || index < lines.length - 1)
  for (const [index, line] of written.entries()) {
    const entry = entrySchema.safeParse(parseJson(line))
    if (entry.success) entries.push(entry.data)
    // The end of a process may cut off its last line.
    else return { kind: 'entries', entries, brokenLine: index === written.length - 1 ? null : begin + index + 1 }
  }
  return { kind: 'entries', entries, brokenLine: null }
}

/** The version of the record that starts in this line; null: none starts. */
function versionIn(line: string): number | null {
  if (!line.includes('"begin"')) return null
  const value = parseJson(line)
  return isRecord(value) && value.type === 'begin' && typeof value.version === 'number' ? value.version : null
}
