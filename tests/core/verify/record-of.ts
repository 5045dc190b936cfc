import type { ReviewedRange } from '../../../src/core/judgement/coverage.ts'
import type { ReviewRecord } from '../../../src/core/record/review-record.ts'

export interface RecordFacts {
  readonly mission?: string
  readonly before?: string | null
  readonly after: string
  readonly strategy?: ReviewRecord['target']['strategy']
  readonly lanes?: readonly { readonly head: string; readonly workPackages: readonly string[] }[]
  readonly judgements?: readonly {
    readonly workPackage: string
    readonly ranges: readonly ReviewedRange[]
    readonly verdict?: 'approved' | 'changes_requested'
  }[]
  readonly confirmations?: readonly { readonly workPackage: string; readonly commit: string }[]
  readonly given?: ReviewRecord['given']
}

/** A record with what matters to a test. */
export function recordOf(facts: RecordFacts): ReviewRecord {
  const { mission = 'm', before = 'start', after, strategy = 'merge' } = facts
  const { lanes = [], judgements = [], confirmations = [], given = [] } = facts
  const agent = (name: string) => ({ agent: name, version: null, model: null, configuredModel: null })
  return {
    sko: { version: '0.1.0' },
    run: { id: 'r', startedAt: '2026-11-30T10:00:00Z', recordedAt: '2026-11-30T11:00:00Z' },
    mission: { slug: mission, id: null },
    target: { branch: 'work', before, after, strategy },
    lanes: lanes.map((lane, n) => ({ branch: `lane-${n}`, ...lane })),
    judgements: judgements.map(({ workPackage, ranges, verdict = 'approved' }) => ({
      workPackage,
      reference: `review/${workPackage}/1`,
      commit: ranges[0]?.head ?? after,
      ranges,
      verdict,
      answered: verdict,
      summary: 'It does what the work package asks.',
      findings: [],
      reviewer: agent('codex'),
      implementers: [agent('claude-code')],
      checks: [],
    })),
    confirmations: confirmations.map(confirmed => ({ ...confirmed, at: '2026-11-30T10:30:00Z', reason: null })),
    given,
    checks: [],
    configuration: { sha256: '0'.repeat(64) },
  }
}
