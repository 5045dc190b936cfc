import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { type Entry, recordVersion } from '../core/explain/entry.ts'
import { isRecord, parseJson } from '../core/json.ts'
import { plainJson } from '../core/text.ts'
import { appendLines } from '../files/append-line.ts'
import { readRegular } from '../files/read-regular.ts'
import { entrySchema } from './decision-schema.ts'

/** A long night writes less than one. */
const maxBytes = 16 * 1024 * 1024
/** What a full disk does not take waits for the next entry. A gap would make what follows useless. */
const maxWaiting = 1024 * 1024

/** The recorded decisions of a run. Not for users, unlike the journal: the format may change with any version. */
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

/** Without what the reader fills in again. No object here has numbers as names, so these are places of a list. */
function lineOf(entry: Entry): string {
  const isFilledIn = (value: unknown) => value === null || value === false || value === ''
  const short = JSON.stringify(entry, (name, value) => (isFilledIn(value) && !/^\d+$/.test(name) ? undefined : value))
  return `${plainJson(JSON.parse(short))}\n`
}

/** What one process of a run has recorded. */
export type RecordedProcess =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[]; readonly brokenLine: number | null }
  | { readonly kind: 'other-version'; readonly version: number }

/** Throws where the file cannot be read. */
export function readDecisionLog(file: string): readonly RecordedProcess[] {
  return decisionsIn(readRegular(file).toString())
}

/** Of each process of the run, in order. */
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
    // The last one of a process was cut off by its end.
    else return { kind: 'entries', entries, brokenLine: index === written.length - 1 ? null : begin + index + 1 }
  }
  return { kind: 'entries', entries, brokenLine: null }
}

/** The version of the record, where the line begins one; null: it does not. */
function versionIn(line: string): number | null {
  if (!line.includes('"begin"')) return null
  const value = parseJson(line)
  return isRecord(value) && value.type === 'begin' && typeof value.version === 'number' ? value.version : null
}
