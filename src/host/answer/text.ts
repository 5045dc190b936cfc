import { plainJson, quote, redact } from '../../core/text.ts'

const quotedBytes = 500
const shortenedMark = ' … [shortened]'

/** A host may print megabytes. */
const lookedAt = 64 * 1024

/** One line of at most 500 bytes, without secrets, that cannot move the cursor, colour or reorder a terminal. */
export function oneLine(text: string): string {
  return shorten(quote(text.slice(0, lookedAt), quotedBytes), quotedBytes, '…')
}

/** The first 500 bytes in double quotes, without secrets, everything unprintable shown as an escape. */
export function quoted(text: string): string {
  return plainJson(cutBytes(redact(text.slice(0, lookedAt)), quotedBytes))
}

/** `text` when it fits `maxBytes` of UTF-8, else its beginning and a mark that says so. */
export function shorten(text: string, maxBytes: number, mark: string = shortenedMark): string {
  if (Buffer.byteLength(text) <= maxBytes) return text
  return cutBytes(text, maxBytes - Buffer.byteLength(mark)) + mark
}

/** Cuts between characters, never inside one. */
function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text.slice(0, maxBytes))
  if (bytes.length <= maxBytes) return text.slice(0, maxBytes)
  let end = maxBytes
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return bytes.subarray(0, end).toString()
}
