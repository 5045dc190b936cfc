import type { Attempt, WpRecord } from './work-package.ts'

/** Attempts that a run left open when it died become interrupted, which costs no retry. */
export function afterCrash(record: WpRecord, sessionOf: (attempt: Attempt) => string | null = () => null): WpRecord {
  const attempts = record.attempts.map(attempt => {
    if (attempt.result) return attempt
    const result = { kind: 'interrupted' } as const
    return { ...attempt, endedAt: attempt.startedAt, result, sessionId: sessionOf(attempt) }
  })
  return { ...record, attempts }
}

/** Whether sko died while this attempt ran and never saw its result: `afterCrash` sets its end to its start. */
export function wasCutOff({ result, startedAt, endedAt }: Attempt): boolean {
  return result?.kind === 'interrupted' && endedAt === startedAt
}

/** The review that was running when sko died; it may have made commits since. */
export function reviewCutOff({ attempts }: WpRecord): Attempt | null {
  const last = attempts.at(-1)
  return last?.role === 'review' && wasCutOff(last) ? last : null
}

/** Whether its last agent may have left changes in the lane worktree that are neither committed nor put back yet. */
export function mayHaveLeft(record: WpRecord): boolean {
  const isOpen = ({ role, headCommit }: Attempt) => role === 'implementation' && headCommit === null
  return record.attempts.some(isOpen) || reviewCutOff(record) !== null
}
