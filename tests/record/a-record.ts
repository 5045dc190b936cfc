import type { ReviewRecord } from '../../src/core/record/review-record.ts'

interface About {
  readonly after: string
  readonly mission?: string
  readonly recordedAt?: string
}

/** A record with something in every field. */
export function recordOf({ after, mission = 'demo', recordedAt = '2026-11-30T02:00:00.000Z' }: About): ReviewRecord {
  const agent = { agent: 'claude-code', version: '2.1.329', model: 'claude-opus-4', configuredModel: null }
  const head = 'a'.repeat(40)
  const checks = [{ command: 'npm test', exitCode: 0 }]
  return {
    sko: { version: '0.1.0' },
    run: { id: 'run-1', startedAt: '2026-11-30T01:00:00.000Z', recordedAt },
    mission: { slug: mission, id: null },
    target: { branch: 'work', before: 'b'.repeat(40), after, strategy: 'squash' },
    lanes: [{ branch: 'kitty/mission-demo-lane-a', head, workPackages: ['WP01'] }],
    judgements: [
      {
        workPackage: 'WP01',
        reference: 'review/WP01/1',
        commit: head,
        ranges: [{ base: 'b'.repeat(40), head }],
        verdict: 'approved',
        answered: 'changes_requested',
        summary: 'It does what the work package asks for.',
        findings: [{ severity: 'low', file: 'src/a.ts', line: 3, problem: 'a long name', change: null }],
        reviewer: { ...agent, agent: 'codex', model: null },
        implementers: [agent],
        checks,
      },
    ],
    confirmations: [{ workPackage: 'WP02', commit: head, at: '2026-11-30T01:30:00.000Z', reason: 'read it' }],
    given: [{ workPackage: 'WP03', head: null }],
    checks,
    configuration: { sha256: '0'.repeat(64) },
  }
}
