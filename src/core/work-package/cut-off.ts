import type { Attempt, WpRecord } from './work-package.ts'

/** A run that died left attempts without an end: they were interrupted, which costs nobody a retry. */
export function afterCrash(record: WpRecord, sessionOf: (attempt: Attempt) => string | null = () => null): WpRecord {
  const attempts = record.attempts.map(attempt => {
    if (attempt.result) return attempt
    const result = { kind: 'interrupted' } as const
    return { ...attempt, endedAt: attempt.startedAt, result, sessionId: sessionOf(attempt) }
  })
  return { ...record, attempts }
}

/** Whether we died while this attempt ran, so that nobody looked at what it left: `afterCrash` ends it where it began. */
export function wasCutOff({ result, startedAt, endedAt }: Attempt): boolean {
  return result?.kind === 'interrupted' && endedAt === startedAt
}
