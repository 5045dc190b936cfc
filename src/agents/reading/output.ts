import { isRecord, type JsonRecord, parseJson } from '../../core/json.ts'

/**
 * The JSON objects of an output that has one per line; a line that holds an array of them counts as its elements.
 * Anything else (a first line cut by the tail, a warning of a wrapper) is skipped. An output that is one value over
 * many lines is that value: a line inside it may by itself look like a record.
 */
export function jsonRecords(stdout: string): readonly JsonRecord[] {
  const whole = recordsIn(stdout.trim())
  return whole.length > 0 ? whole : stdout.split('\n').flatMap(line => recordsIn(line.trim()))
}

function recordsIn(text: string): readonly JsonRecord[] {
  // Told by its ends first: that a parse fails costs 30 µs, and a MiB may hold half a million lines that begin like one.
  const ends = `${text.at(0)}${text.at(-1)}`
  if (ends !== '{}' && ends !== '[]') return []
  const value = parseJson(text)
  return Array.isArray(value) ? value.filter(isRecord) : isRecord(value) ? [value] : []
}

export function lastOfType(records: readonly JsonRecord[], type: string): JsonRecord | null {
  return records.findLast(record => record.type === type) ?? null
}

/** The text that stands at a path of keys; null: there is none. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  const found = path.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value)
  return typeof found === 'string' ? found : null
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
}
