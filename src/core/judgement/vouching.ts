import type { WpRecord } from '../work-package/work-package.ts'
import type { ReviewedRange } from './coverage.ts'

/** Why sko trusts a WP that the host calls approved or done. Any client of the host can set that lane. */
export type Vouching = 'judged' | 'confirmed' | 'given'

/** `given`: it was approved or done when sko first read the mission, and has been since. null: sko does not trust it. */
export function vouchingFor(record: WpRecord, given: boolean): Vouching | null {
  if (record.judgement?.verdict.verdict === 'approved') return 'judged'
  if (record.confirmed) return 'confirmed'
  return given ? 'given' : null
}

/** The commit at which it was approved; null when it is not known. */
export function approvedCommit({ judgement, confirmed }: WpRecord): string | null {
  if (judgement?.verdict.verdict === 'approved') return judgement.commit
  return confirmed ? (confirmed.own ?? confirmed.commit) : null
}

/** What its judgement covers. A judgement of an older version does not say, so the range that was to be reviewed. */
export function reviewedRanges({ judgement, work, wpBase }: WpRecord): readonly ReviewedRange[] {
  if (judgement?.verdict.verdict !== 'approved') return []
  if (judgement.shown.length > 0) return judgement.shown
  const base = work?.baseCommit ?? wpBase
  return base === null ? [] : [{ base, head: judgement.commit }]
}
