import type { Failure, FailureClass } from '../core/failure.ts'
import { quote } from '../core/text.ts'

export type JsonRecord = Readonly<Record<string, unknown>>

/**
 * The JSON objects of an output that has one per line; a line that holds an array of them counts as its elements.
 * Anything else (a first line cut by the tail, a warning of a wrapper) is skipped.
 */
export function jsonRecords(stdout: string): readonly JsonRecord[] {
  return stdout.split('\n').flatMap(line => {
    const text = line.trim()
    if (!text.startsWith('{') && !text.startsWith('[')) return []
    const value = parseJson(text)
    return Array.isArray(value) ? value.filter(isRecord) : isRecord(value) ? [value] : []
  })
}

export function lastOfType(records: readonly JsonRecord[], type: string): JsonRecord | null {
  return records.findLast(record => record.type === type) ?? null
}

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `undefined` for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The last line that says something. */
export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1)?.trim() ?? ''
}

/** A failure in the agent's own words, made fit to be stored and shown. */
export function failure(failureClass: FailureClass, words: string, resetAt?: string | null): Failure {
  const detail = quote(words) || failureClass
  return resetAt ? { class: failureClass, detail, resetAt } : { class: failureClass, detail }
}

export type Pattern = readonly [RegExp, FailureClass]

/** The class of the first pattern that fits. Patterns are anchored and see error records only, never what a tool printed. */
export function classOf(words: string, patterns: readonly Pattern[]): FailureClass | null {
  return patterns.find(([pattern]) => pattern.test(words))?.[1] ?? null
}
