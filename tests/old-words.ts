/** The words of a terse, old-fashioned English that messages, comments and documents avoid. */
const old =
  /\b(?:anew|mend(?:s|ed|ing)?|likewise|whoever|nobody|somebody|everybody|at work|go(?:es|ing)? on|gone on|left alone|told)\b|so much, that/gi

export function oldWordsIn(text: string): readonly string[] {
  return text.match(old) ?? []
}

/** Prose of a Markdown page: without code. */
export function proseOf(page: string): string {
  return page.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`]*`/g, '')
}

/**
 * Source lines with an old-fashioned word, as `line: text`. Names are read too, because an old-fashioned name needs a
 * better one. Regular expressions are not: they may look for such a word in someone else's text.
 */
export function linesWithOldWords(source: string): readonly string[] {
  return source
    .split('\n')
    .map((line, index) => `${index + 1}: ${line.trim()}`)
    .filter(line => oldWordsIn(withoutPatterns(line)).length > 0)
}

function withoutPatterns(line: string): string {
  return line.replace(/(?<=^\d+: |[(,=:[!&|?] ?)\/(?![/*])(?:[^/\\[]|\\.|\[(?:[^\]\\]|\\.)*\])+\/[a-z]*/g, '')
}
