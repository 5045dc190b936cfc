import { isRecord, type JsonRecord, parseJson } from '../json.ts'

/** Deeper than any real answer, so that code may walk the object recursively. */
const maxDepth = 32

export type ClosingObject =
  | {
      readonly ok: true
      readonly value: JsonRecord
      /** The source text of the object. */
      readonly source: string
      /** The text before it. */
      readonly before: string
    }
  | { readonly ok: false; readonly reason: string }

/**
 * The JSON object that ends a text; only blanks and a closing code fence may follow it. There is at most one: read
 * backwards from the last brace, JSON has a single place where that brace was opened. Linear time.
 */
export function closingObject(text: string): ClosingObject {
  const end = withoutClosingFence(text.trimEnd())
  if (!end.endsWith('}')) return { ok: false, reason: 'the answer does not end with a JSON object' }
  const { start, deepest, colons } = openingBrace(end)
  if (deepest > maxDepth) return { ok: false, reason: 'the object that ends the answer is nested too deeply' }
  const source = end.slice(start)
  const value = start < 0 ? undefined : parseJson(source)
  if (!isRecord(value)) return { ok: false, reason: 'the answer does not end with a valid JSON object' }
  /** `JSON.parse` silently keeps the last of two equal keys: fewer keys are left than colons were written. */
  if (keysOf(value).length !== colons) return { ok: false, reason: 'the object that ends the answer has a key twice' }
  return { ok: true, value, source, before: end.slice(0, start) }
}

/** Every key of an object and of its nested values, with repetitions. */
export function keysOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(keysOf)
  return isRecord(value) ? [...Object.keys(value), ...Object.values(value).flatMap(keysOf)] : []
}

function withoutClosingFence(text: string): string {
  const lineStart = text.lastIndexOf('\n') + 1
  return /^\s*(?:`{3,}|~{3,})$/.test(text.slice(lineStart)) ? text.slice(0, lineStart).trimEnd() : text
}

/** Index of the brace that opens the final JSON object, or -1. Strings are skipped. */
function openingBrace(text: string) {
  let start = -1
  let depth = 0
  let deepest = 0
  let colons = 0
  let inString = false
  for (let index = text.length - 1; index >= 0 && start < 0; index -= 1) {
    const character = text[index]
    if (character === '"') {
      const escapes = backslashesBefore(text, index)
      if (escapes % 2 === 0) inString = !inString
      index -= escapes
    }
    if (inString) continue
    if (character === ':') colons += 1
    if (character === '}' || character === ']') depth += 1
    if (character === '{' || character === '[') depth -= 1
    deepest = Math.max(deepest, depth)
    if (depth === 0) start = index
  }
  return { start, deepest, colons }
}

function backslashesBefore(text: string, end: number): number {
  let start = end
  while (text[start - 1] === '\\') start -= 1
  return end - start
}
