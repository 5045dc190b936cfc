import { isRecord, type JsonRecord, parseJson } from '../../core/json.ts'

/**
 * The JSON objects in an output with one per line. A line with an array of objects counts as its elements. Other lines
 * (the first line cut by the tail, a wrapper's warning) are skipped. If the whole output is one JSON value over several
 * lines, returns that value: a line inside it might look like a record.
 */
export function jsonRecords(stdout: string): readonly JsonRecord[] {
  const whole = recordsIn(stdout.trim())
  return whole.length > 0 ? whole : stdout.split('\n').flatMap(line => recordsIn(line.trim()))
}

function recordsIn(text: string): readonly JsonRecord[] {
  // First check how it starts and ends: a failed parse costs 30 µs, and a MiB may hold half a million lines that start
  // like JSON.
  const ends = `${text.at(0)}${text.at(-1)}`
  if (ends !== '{}' && ends !== '[]') return []
  const value = parseJson(text)
  return Array.isArray(value) ? value.filter(isRecord) : isRecord(value) ? [value] : []
}

export function lastOfType(records: readonly JsonRecord[], type: string): JsonRecord | null {
  return records.findLast(record => record.type === type) ?? null
}

/** The text at a path of keys; null: there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)
  return typeof found === 'string' ? found : null
}

/** The last line that is not blank. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
}
