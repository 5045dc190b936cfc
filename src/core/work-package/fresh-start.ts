import type { WpRecord } from './work-package.ts'

/** For a retry, or a new run that continues from an ended one: counters are reset, evidence stays. */
export function withFreshCounters(record: WpRecord, now: number): WpRecord {
  return {
    ...record,
    halt: null,
    hostRefusals: [],
    refusedTrees: [],
    // A new run may have other checks.
    work: record.work && { ...record.work, checks: null },
    earlierFindings: record.earlierFindings.map(finding => ({ ...finding, raised: 0 })),
    retriedAfterCycle: record.cycle,
    retriedAfterAttempt: lastAttemptNumber(record),
    retriedAt: new Date(now).toISOString(),
  }
}

/** What a new run takes over from an older one: evidence and feedback, but no counters and no expenses. */
export function forNewRun(record: WpRecord, now: number): WpRecord {
  return { ...withFreshCounters(record, now), earlierAttempts: lastAttemptNumber(record) }
}

function lastAttemptNumber({ attempts }: WpRecord): number {
  return Math.max(0, ...attempts.map(attempt => attempt.number))
}
