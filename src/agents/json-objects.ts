import { isRecord, type JsonRecord, parseJson } from './output.ts'

const maxTextLength = 256 * 1024
/** Every brace that is never closed costs a look at the rest of the text; this bounds their sum to about 0.1 s. */
const maxSteps = 64 * maxTextLength

export interface ObjectScan {
  /** `end` is the place behind the closing brace, in the text that was read. */
  readonly objects: readonly { readonly value: JsonRecord; readonly source: string; readonly end: number }[]
  /** What was read: the last 256 KiB at most. */
  readonly text: string
  /** The text was too tangled to be read to its end; `objects` is then incomplete. */
  readonly tangled: boolean
}

/** The outermost JSON objects in the last 256 KiB of a text that may hold anything else around them. */
export function jsonObjectsIn(wholeText: string): ObjectScan {
  const text = wholeText.slice(-maxTextLength)
  const objects: { value: JsonRecord; source: string; end: number }[] = []
  let steps = 0
  let start = text.indexOf('{')
  while (start >= 0) {
    const end = closingBrace(text, start)
    steps += (end ?? text.length) - start
    if (steps > maxSteps) return { objects, text, tangled: true }
    const source = end === null ? null : text.slice(start, end + 1)
    const value = source === null ? undefined : parseJson(source)
    const found = source !== null && isRecord(value)
    if (found && end !== null) objects.push({ value, source, end: end + 1 })
    start = text.indexOf('{', found && end !== null ? end + 1 : start + 1)
  }
  return { objects, text, tangled: false }
}

/** Where the brace at `start` is closed, braces inside JSON strings not counted. */
function closingBrace(text: string, start: number): number | null {
  let depth = 0
  let inString = false
  for (let index = start; index < text.length; index += 1) {
    const character = text[index]
    if (inString) {
      if (character === '\\') index += 1
      else if (character === '"') inString = false
    } else if (character === '"') inString = true
    else if (character === '{') depth += 1
    else if (character === '}') {
      depth -= 1
      if (depth === 0) return index
    }
  }
  return null
}
