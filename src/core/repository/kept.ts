import { isWpId } from '../ids.ts'
import { oneLine } from '../text.ts'

/**
 * What was kept so that nothing is lost: a commit under `refs/sko/kept/<run>/<WP>/<n>`. Its tree is the content of the
 * worktree that is not ignored, its first parent is HEAD at that moment, further parents are commits that nothing else
 * would hold.
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
  /** One word, e.g. `snapshot`; what was kept for another reason than to have a copy is not pruned by a merge. */
  readonly reason: string
  /** In words. */
  readonly why: string
  /** Where it was kept from; written into the commit, which an agent can make too: check it before use. */
  readonly worktree: string | null
}

export type KeptPlace = Pick<KeptEntry, 'runId' | 'wpId' | 'number'>

export const keptPrefix = 'refs/sko/kept/'
/** The `<WP>` of what was kept of the main checkout. */
export const mainCheckout = 'main'
/** A copy of an attempt's work at intervals: nothing was removed when it was made. */
export const snapshotReason = 'snapshot'

export function keptRef({ runId, wpId, number }: KeptPlace): string {
  return `${keptPrefix}${runId}/${wpId}/${number}`
}

/** null: not one of ours. */
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

/** null: the ref is not one of ours. The ref says whose it is, whatever the message says. */
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

/** `which` is a number, of the latest run that has it, or a whole ref. */
export function findKept(entries: readonly KeptEntry[], which: string): KeptEntry | null {
  return inOrder(entries).findLast(({ ref, number }) => ref === which || String(number) === which) ?? null
}
