import { firstBytes, plainJson, quote, redact, shorten } from '../../core/text.ts'

const quotedBytes = 500

/** A host may print megabytes. */
const lookedAt = 64 * 1024

/**
 * One line of at most 500 bytes, without secrets, and without characters that move the cursor, colour or reorder text.
 */
export function redactedLine(text: string): string {
  return shorten(quote(text.slice(0, lookedAt), quotedBytes), quotedBytes, '…')
}

/** The first 500 bytes in double quotes, without secrets; unprintable characters are escaped. */
export function redactedQuote(text: string): string {
  return plainJson(firstBytes(redact(text.slice(0, lookedAt)), quotedBytes))
}
