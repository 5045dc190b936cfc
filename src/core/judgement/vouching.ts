import type { WpRecord } from '../work-package/work-package.ts'
import type { ReviewedRange } from './coverage.ts'

/** Why a WP that the host calls approved or done is believed to be so; anybody can tell the host. */
export type Vouching = 'judged' | 'confirmed' | 'given'

/** `given`: it was approved or done when sko first met the mission, and has been since. null: no reason to believe it. */
export function vouchingFor(record: WpRecord, given: boolean): Vouching | null {
  if (record.judgement?.verdict.verdict === 'approved') return 'judged'
  if (record.confirmed) return 'confirmed'
  return given ? 'given' : null
}

/** The commit at which it was approved; null: none is known. */
export function approvedCommit({ judgement, confirmed }: WpRecord): string | null {
  if (judgement?.verdict.verdict === 'approved') return judgement.commit
  return confirmed ? (confirmed.own ?? confirmed.commit) : null
}

/** What its judgement covers. One of an older version does not say, so it is what was to be reviewed. */
export function reviewedRanges({ judgement, work, wpBase }: WpRecord): readonly ReviewedRange[] {
  if (judgement?.verdict.verdict !== 'approved') return []
  if (judgement.shown.length > 0) return judgement.shown
  const base = work?.baseCommit ?? wpBase
  return base === null ? [] : [{ base, head: judgement.commit }]
}
