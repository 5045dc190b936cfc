import { stripVTControlCharacters } from 'node:util'

const quotedBytes = 500
const shortenedMark = ' … [shortened]'

/** Control characters and those that reorder or hide text on a terminal. */
const unsafe = /[\p{Cc}\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu

/** One line of at most 500 bytes that cannot move the cursor, colour or reorder a terminal. */
export function oneLine(text: string): string {
  // Cut before the expensive part: a host may print megabytes.
  const plain = stripVTControlCharacters(text.slice(0, 64 * 1024))
    .replace(unsafe, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  return shorten(plain, quotedBytes, '…')
}

/** The first 500 bytes in double quotes, everything unprintable shown as an escape. */
export function quoted(text: string): string {
  const escaped = JSON.stringify(cutBytes(text, quotedBytes))
  return escaped.replace(unsafe, character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
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
