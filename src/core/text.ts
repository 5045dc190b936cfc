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

/** Line ends and other white space. */
const breaks = /[\t\n\v\f\r\x85\u2028\u2029]+/g

/** Between two of these characters a joiner is part of the spelling: Persian, Indic scripts, emoji. */
const joined = String.raw`[\p{Lo}\p{M}\p{Extended_Pictographic}\p{Emoji_Modifier}]`
const joiner = String.raw`(?<=${joined})[\u200c\u200d](?=${joined})`

/**
 * Control characters, format characters that reorder or hide text (bidirectional marks, zero width, tags), and lone
 * surrogates. They are invisible. Removing them also joins a secret that they split, so that it is redacted.
 */
const unprintable = new RegExp(String.raw`[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}](?<!${joiner})`, 'gu')

const mark = '[redacted]'

/** The value after the name of a secret: quoted (up to the end if the quote is not closed) or one word. */
const quoted = String.raw`\\"[^"]*(?:"|$)|"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|'[^']*(?:'|$)`
const word = String.raw`[^\s"'&;]`
const secretName = String.raw`(?:KEY|TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIALS?|[_-](?:PASS|PWD)(?![a-z]))[\w.-]{0,60}`
const closingQuote = String.raw`\\?["']?\s{0,3}`

/**
 * Shapes of secrets, most specific first. They match in linear time: each starts with a literal, and the text before the
 * character that decides is bounded.
 */
const secrets: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z0-9 ]{1,40}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g, mark],
  /** The end of a key whose start was cut off. */
  [/(?<![A-Za-z0-9+/=\s])[A-Za-z0-9+/=\s]+-----END [A-Z0-9 ]{1,40}-----/g, mark],
  [/(?<![A-Za-z0-9])(?:sk-|[prs]k_(?:live|test)_)[A-Za-z0-9_-]{8,}/g, mark],
  [/(?<![A-Za-z0-9])(?:gh[pousr]_|github_pat_|glpat-|npm_|hf_|xox[abeprs]-|xapp-|ya29\.)[A-Za-z0-9_-]{10,}/g, mark],
  [/(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])/g, mark],
  [/(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{30,}/g, mark],
  [
    /(?:(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}|(?<=[_-])eyJ[A-Za-z0-9_-]{8,400})\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?/g,
    mark,
  ],
  [/(?<![A-Za-z0-9])(Bearer|Basic)\s{1,3}[A-Za-z0-9._~+/=-]{8,}/gi, `$1 ${mark}`],
  [
    /(authorization\\?["']?\s{0,3}[:=]\s{0,3}\\?["']?)(?:(?:token|bearer|basic|digest|negotiate|(?:api-?)?key)\s{1,3}[^\s"',;]{4,}|[^\s"',;]{16,})/gi,
    `$1${mark}`,
  ],
  [
    /(cookie\\?["']?\s{0,3}:\s{0,3}\\?["']?)[\w.-]{1,60}="?[^\s;"']*(?:"?;\s{0,3}[\w.-]{1,60}="?[^\s;"']*)*/gi,
    `$1${mark}`,
  ],
  /** Digits and a slash after the colon are a port. A password may contain `/` or `@`, although that is not allowed. */
  [/(:\/\/[^\s:@/]{0,100}:)(?!\d{1,5}\/)[^\s@"'<>]{1,200}@(?:[^\s@/"'<>]{1,100}@)?/g, `$1${mark}@`],
  [/(https?:\/\/)[^\s:@/"'<>]{1,300}@/gi, `$1${mark}@`],
  [
    shape(
      String.raw`(?:token|secret|password|passwd|passphrase|credentials?|(?:api|access|private)-?key)(?<=--[\w-]{0,60})\s{1,3}`,
      `${quoted}|(?!-)${word}{6,}`,
    ),
    `$1${mark}`,
  ],
  [shape(String.raw`${secretName}${closingQuote}=\s{0,3}`, `${quoted}|${word}+`), `$1${mark}`],
  [
    shape(String.raw`(?:PASSWORD|PASSWD|PASSPHRASE)${closingQuote}:\s{0,3}(?!""|'')`, `${quoted}|${word}+`),
    `$1${mark}`,
  ],
  [shape(String.raw`${secretName}${closingQuote}:\s{0,3}(?!""|'')`, `${quoted}|${word}{8,}`), `$1${mark}`],
]

function shape(before: string, value: string): RegExp {
  return new RegExp(`(${before})(?:${value})`, 'gi')
}

/** Replaces secrets of common shapes. It does not know values, so a secret without such a shape stays. */
export function redact(text: string): string {
  return secrets.reduce((left, [shape, replacement]) => left.replace(shape, replacement), text)
}

/** Removes colours, cursor moves and titles. */
export function withoutEscapes(text: string): string {
  return text.replace(escapeSequences, '')
}

/** One printable line of at most `maxLength` UTF-16 units; a cut text ends in `…`. Does not redact: see `quote`. */
export function oneLine(text: string, maxLength = 300): string {
  const line = withoutEscapes(text).replace(breaks, ' ').replace(unprintable, '').replace(/\s+/g, ' ').trim()
  if (line.length <= maxLength) return line
  const kept = line.slice(0, Math.max(0, maxLength - 1))
  return `${kept.replace(/[\ud800-\udbff]$/, '')}…`
}

/** Text that keeps its lines but cannot move a cursor, or colour, reorder or hide other text. Does not redact. */
export function printable(text: string): string {
  return withoutEscapes(text)
    .replace(/\r\n?/g, '\n')
    .replace(unprintable, sign => (sign === '\n' || sign === '\t' ? sign : ''))
}

/** The start of `text` that fits in `maxBytes` of UTF-8, cut between characters. */
export function firstBytes(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(Math.max(0, maxBytes)))
  return text.slice(0, read)
}

/** `text` if it fits in `maxBytes` of UTF-8, otherwise its start and `mark`. */
export function shorten(text: string, maxBytes: number, mark = ' … [shortened]'): string {
  if (bytesOf(text) <= maxBytes) return text
  return firstBytes(text, maxBytes - bytesOf(mark)) + mark
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length
}

/** The end of `text` that fits in `maxBytes` of UTF-8, cut between characters. */
export function lastBytes(text: string, maxBytes: number): string {
  const bytes = new TextEncoder().encode(text)
  let start = Math.max(0, bytes.length - maxBytes)
  while (((bytes[start] ?? 0) & 0xc0) === 0x80) start++
  return new TextDecoder().decode(bytes.subarray(start))
}

/** JSON in which characters that a terminal does not show are escaped; its value is the same. */
export function plainJson(value: unknown): string {
  return JSON.stringify(value).replace(unprintable, sign =>
    Array.from({ length: sign.length }, (_, index) => sign.charCodeAt(index).toString(16).padStart(4, '0'))
      .map(code => `\\u${code}`)
      .join(''),
  )
}

/** Quotes any text as one word of a shell command. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** The same for a name, such as that of a branch or a remote: without quotes where a shell needs none. */
export function shellName(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : shellWord(name)
}

/** How much more text than shown is read, because redacting makes it shorter. */
const lookAhead = 4096

/**
 * Untrusted text made fit to be stored, shown and sent to the host. Redacted before it is cut, so that no half of a
 * secret stays, and after escapes are removed, so that they cannot hide one. Reads only as much as it may show, up to the
 * end of a word.
 */
export function quote(text: string, maxLength = 300): string {
  const line = oneLine(text, Number.POSITIVE_INFINITY)
  const limit = maxLength + lookAhead
  if (line.length <= limit) return oneLine(redact(line), maxLength)
  const wordEnd = line.lastIndexOf(' ', limit)
  return oneLine(`${redact(line.slice(0, wordEnd > maxLength ? wordEnd : limit))}…`, maxLength)
}
