import type { ChangedLine, Lines } from './changed-line.ts'

/** A name and its number: `fail_under = 80`, `--max-warnings 0`, `"branches": 90`, `<minimum>0.8</minimum>`. */
const named = /(?<![A-Za-z0-9_.])([A-Za-z][\w.-]{0,60})["']? {0,3}(?:[:=>]| ) {0,3}["']?(\d{1,9}(?:\.\d{1,9})?)%?/g

const asksForMore = /threshold|fail[-_]?under|coverage|minimum|^min/i
const allowsMore = /^max|^allowed/i
/** Names as they are, in lower case. */
const asking = ['branches', 'functions', 'lines', 'statements', 'break', 'high', 'low', 'target', 'project', 'patch']
const allowing = ['retry', 'retries', 'reruns', 'complexity', 'tolerance']

interface Limit {
  readonly name: string
  readonly value: number
  readonly line: ChangedLine
}

export interface Thresholds {
  /** Lines in which a threshold is lower than before, or gone. */
  readonly lowered: readonly ChangedLine[]
  /** Lines in which nothing but a threshold was changed, and all of it is in `lowered` or asks for more than before. */
  readonly explained: ReadonlySet<ChangedLine>
}

/** Compares the thresholds in changed lines of one file, the first of a name with the first of the same name. */
export function comparedThresholds({ removed, added }: Lines): Thresholds {
  const after = new Map<string, Limit[]>()
  for (const limit of added.flatMap(limitsIn)) after.set(limit.name, [...(after.get(limit.name) ?? []), limit])
  const lowered: ChangedLine[] = []
  const explained = new Set<ChangedLine>()
  for (const before of removed.flatMap(limitsIn)) {
    const now = after.get(before.name)?.shift()
    if (now === undefined) lowered.push(before.line)
    else if (isWeaker(before, now)) lowered.push(now.line)
    if (now === undefined || sameButNumbers(before.line, now.line)) {
      explained.add(before.line)
      if (now) explained.add(now.line)
    }
  }
  return { lowered, explained }
}

function limitsIn(line: ChangedLine): readonly Limit[] {
  return [...line.text.matchAll(named)].flatMap(([, name = '', value]) =>
    asks(name) || allows(name) ? [{ name, value: Number(value), line }] : [],
  )
}

function asks(name: string): boolean {
  return asksForMore.test(name) || asking.includes(name.toLowerCase())
}

function allows(name: string): boolean {
  return allowsMore.test(name) || allowing.includes(name.toLowerCase())
}

function isWeaker(before: Limit, now: Limit): boolean {
  return allows(before.name) ? now.value > before.value : now.value < before.value
}

function sameButNumbers(a: ChangedLine, b: ChangedLine): boolean {
  return withoutNumbers(a.text) === withoutNumbers(b.text)
}

function withoutNumbers(text: string): string {
  return text
    .trim()
    .replace(/,$/, '')
    .replace(/\d+(?:\.\d+)?/g, '0')
}
