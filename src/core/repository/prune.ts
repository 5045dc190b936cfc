import { type KeptEntry, snapshotReason } from './kept.ts'

const dayMs = 24 * 3600 * 1000

interface PruneRule {
  /** Refs of entries whose files are all in commits that branches or tags hold. */
  readonly contained: ReadonlySet<string>
  readonly days: number
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Copies that are no longer needed: snapshots of work that is in commits, and all copies older than `days`. Copies of work
 * that was removed, dropped, put back or stashed stay until they are that old.
 */
export function toPrune(entries: readonly KeptEntry[], { contained, days, now }: PruneRule): readonly KeptEntry[] {
  const isOld = ({ at }: KeptEntry) => Date.parse(at) < now - days * dayMs
  return entries.filter(entry => isOld(entry) || (entry.reason === snapshotReason && contained.has(entry.ref)))
}
