import { followUpsOf } from '../judgement/follow-ups.ts'
import type { CombinedFeedback, WpRecord } from './work-package.ts'

/** The review of this cycle's work is over, and the work is not approved. */
export function nextCycle(record: WpRecord): WpRecord {
  return {
    ...record,
    cycle: record.cycle + 1,
    cycleBase: null,
    work: null,
    judgement: null,
    halt: null,
    followUps: followUpsOf(record),
  }
}

/** An approved WP was moved back to work: its approval is void. The feedback stays, where sko moved it. */
export function sentBack(record: WpRecord): WpRecord {
  return {
    ...nextCycle(record),
    // The person may know of something on lines that a reviewer has passed, and the merge changes what they mean.
    lastReviewed: null,
    confirmed: null,
  }
}

/** Why it may not go back to work once more; null when it may. */
export function whyNotSentBack(
  { cycle, retriedAfterCycle }: Pick<WpRecord, 'cycle' | 'retriedAfterCycle'>,
  maxCycles: number,
): string | null {
  return cycle - retriedAfterCycle < maxCycles ? null : `it has had ${maxCycles} cycles (review.max_cycles)`
}

/** One line for a person. */
export function combinedLine({ others, conflicts, results }: Omit<CombinedFeedback, 'kind'>): string {
  const beside = others.map(({ wpIds, branch }) => (wpIds.length === 0 ? branch : wpIds.join(', ')))
  const together = beside.length === 0 ? '' : ` together with ${beside.join(' and ')}`
  if (conflicts.length > 0) return `it conflicts${together.replace(' together', '')} in ${conflicts.join(', ')}`
  return `checks fail on it${together}: ${results.map(({ command }) => command).join('; ')}`
}
