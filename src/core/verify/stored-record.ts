import type { Envelope } from '../record/envelope.ts'
import type { ReviewRecord } from '../record/review-record.ts'
import type { CoveredCommit } from './cover.ts'

/** A record as a reader found it. */
export interface StoredRecord {
  /** Path in the tree of our ref, or a file. */
  readonly place: string
  /** null: it cannot be read. */
  readonly record: ReviewRecord | null
  /** What was checked, and may be signed; null: it cannot be read. */
  readonly envelope: Envelope | null
  /** Who signed it, in words; empty where that was not checked. */
  readonly signers: readonly string[]
  /** Why it counts for nothing; null: it counts. */
  readonly broken: string | null
}

/** The records that count. */
export function usable(records: readonly StoredRecord[]): readonly ReviewRecord[] {
  return records.flatMap(({ record, broken }) => (record === null || broken !== null ? [] : [record]))
}

/** Whether a record is about one of these commits. One that cannot be read may be. */
export function isAbout({ record }: StoredRecord, commits: readonly CoveredCommit[]): boolean {
  if (record === null) return true
  const { target, lanes, judgements, confirmations } = record
  const heads = judgements.flatMap(({ commit, ranges }) => [commit, ...ranges.map(({ head }) => head)])
  const confirmed = confirmations.map(({ commit }) => commit)
  const named = new Set([target.after, ...lanes.map(({ head }) => head), ...heads, ...confirmed])
  return commits.some(({ commit }) => named.has(commit))
}
