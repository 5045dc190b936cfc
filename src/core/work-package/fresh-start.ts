import type { WpRecord } from './work-package.ts'

/** A person wants another try, or a new run goes on from an ended one: counters start again, evidence stays. */
export function withFreshCounters(record: WpRecord, now: number): WpRecord {
  return {
    ...record,
    halt: null,
    hostRefusals: [],
    refusedTrees: [],
    // The checks of a new run may be others.
    work: record.work && { ...record.work, checks: null },
    earlierFindings: record.earlierFindings.map(finding => ({ ...finding, raised: 0 })),
    retriedAfterCycle: record.cycle,
    retriedAfterAttempt: lastAttemptNumber(record),
    retriedAt: new Date(now).toISOString(),
  }
}

/** What a new run takes over from an older one: evidence and feedback, neither counters nor expenses. */
export function forNewRun(record: WpRecord, now: number): WpRecord {
  return { ...withFreshCounters(record, now), earlierAttempts: lastAttemptNumber(record) }
}

function lastAttemptNumber({ attempts }: WpRecord): number {
  return Math.max(0, ...attempts.map(attempt => attempt.number))
}
