/**
 * Untrusted text (agent and host output, WP files) made fit to be shown and stored.
 *
 * ESC [ and its one-byte form introduce colours and cursor moves; ESC ] a title or a link, which ends with BEL or ESC \.
 */
const escapeSequences = new RegExp(
  [
    String.raw`\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?`,
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?`,
    String.raw`\x1b[PX^_][^\x1b]*(?:\x1b\\)?`,
    String.raw`\x1b[ -/]*[0-~]?`,
  ].join('|'),
  'g',
)

/** Control characters, and the format characters that reorder or hide text (bidirectional marks, zero width). */
const unprintable = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/gu

const mark = '[redacted]'

/** Shapes of secrets, most specific first. Every repetition before the decisive word is bounded: linear time. */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g, mark],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, mark],
  [/\b(?:gh[pousr]_|github_pat_|glpat-|npm_|hf_|xox[abeprs]-)[A-Za-z0-9_-]{10,}/g, mark],
  [/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, mark],
  [/\bAIza[A-Za-z0-9_-]{30,}/g, mark],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g, mark],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${mark}`],
  [/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:@/]{0,100}:)[^\s@/]{1,200}@/gi, `$1${mark}@`],
  [
    /(\b[\w.-]{0,60}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)[\w.-]{0,60}\\?["']?\s{0,3}=\s{0,3})(?:\\?"[^"]*"|'[^']*'|[^\s"'&,;]+)/gi,
    `$1${mark}`,
  ],
  [
    /(\b[\w.-]{0,60}(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)[\w.-]{0,60}\\?["']?\s{0,3}:\s{0,3})(?:\\?"[^"]+"|'[^']+'|[^\s"'&,;]{8,})/gi,
    `$1${mark}`,
  ],
]

/** Secrets of the common shapes replaced. It knows shapes, not values: what looks like nothing special stays. */
export function redact(text: string): string {
  return secrets.reduce((left, [shape, replacement]) => left.replace(shape, replacement), text)
}

/** One printable line of at most `maxLength` UTF-16 units; what was cut ends in `…`. */
export function oneLine(text: string, maxLength = 300): string {
  const line = text.replace(escapeSequences, '').replace(unprintable, ' ').replace(/\s+/g, ' ').trim()
  if (line.length <= maxLength) return line
  const kept = line.slice(0, Math.max(0, maxLength - 1))
  return `${kept.replace(/[\ud800-\udbff]$/, '')}…`
}

/**
 * What of untrusted text may be stored, shown and told to the host: redacted before it is cut, so that no half of a
 * secret stays, and after the escapes are gone, so that none hides one.
 */
export function quote(text: string, maxLength = 300): string {
  return oneLine(redact(oneLine(text, Number.POSITIVE_INFINITY)), maxLength)
}
