import { isWpId } from '../ids.ts'
import { oneLine } from '../text.ts'

/**
 * A copy of work: a commit under `refs/sko/kept/<run>/<WP>/<n>`. Its tree is the content of the worktree without ignored
 * files. Its first parent is HEAD at that time; other parents are commits that no branch or tag contains.
 */
export interface KeptEntry {
  readonly ref: string
  readonly runId: string
  /** `WP02`, or `main` for the main checkout. */
  readonly wpId: string
  readonly number: number
  readonly commit: string
  /** ISO 8601 */
  readonly at: string
  /** One word. A merge prunes only entries with the reason `snapshot`. */
  readonly reason: string
  /** The reason as a sentence. */
  readonly why: string
  /** The worktree it came from. An agent can make such a commit too, so check the path before use. */
  readonly worktree: string | null
}

export type KeptPlace = Pick<KeptEntry, 'runId' | 'wpId' | 'number'>

export const keptPrefix = 'refs/sko/kept/'
/** Used in place of the WP id for copies of the main checkout. */
export const mainCheckout = 'main'
/** A copy of an attempt's work at intervals: nothing was removed when it was made. */
export const snapshotReason = 'snapshot'

export function keptRef({ runId, wpId, number }: KeptPlace): string {
  return `${keptPrefix}${runId}/${wpId}/${number}`
}

/** Returns null for a ref that sko did not make. */
export function parseKeptRef(ref: string): KeptPlace | null {
  if (!ref.startsWith(keptPrefix)) return null
  const [runId = '', wpId = '', number = '', ...rest] = ref.slice(keptPrefix.length).split('/')
  const isPlace = runId !== '' && (isWpId(wpId) || wpId === mainCheckout) && /^[1-9]\d{0,8}$/.test(number)
  return isPlace && rest.length === 0 ? { runId, wpId, number: Number(number) } : null
}

export interface KeptMessage extends Pick<KeptEntry, 'runId' | 'wpId' | 'reason' | 'why'> {
  readonly worktree: string
}

export function keptMessage({ runId, wpId, reason, why, worktree }: KeptMessage): string {
  return [
    `${wpId}: ${oneLine(why, 200)}`,
    '',
    `Sko-Run: ${runId}`,
    `Sko-WP: ${wpId}`,
    `Sko-Reason: ${reason}`,
    `Sko-Worktree: ${worktree}`,
    '',
  ].join('\n')
}

interface KeptCommit {
  readonly ref: string
  readonly commit: string
  readonly at: string
  readonly message: string
}

/** Returns null for a ref that sko did not make. The WP comes from the ref, not from the message. */
export function parseKept({ ref, commit, at, message }: KeptCommit): KeptEntry | null {
  const place = parseKeptRef(ref)
  if (place === null) return null
  const [subject = '', ...body] = message.split('\n')
  const trailer = (name: string) => body.find(line => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? null
  const why = subject.startsWith(`${place.wpId}: `) ? subject.slice(place.wpId.length + 2) : subject
  const reason = oneLine(trailer('Sko-Reason') ?? 'unknown', 60)
  return { ref, ...place, commit, at, reason, why: oneLine(why, 200), worktree: trailer('Sko-Worktree') }
}

/** By run, whose ids sort by time, then by WP and number. */
export function inOrder(entries: readonly KeptEntry[]): readonly KeptEntry[] {
  return entries.toSorted(
    (a, b) => compare(a.runId, b.runId) || compare(a.wpId, b.wpId) || a.number - b.number || compare(a.ref, b.ref),
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** `which` is a number (of the latest run that has it) or a whole ref. */
export function findKept(entries: readonly KeptEntry[], which: string): KeptEntry | null {
  return inOrder(entries).findLast(({ ref, number }) => ref === which || String(number) === which) ?? null
}
