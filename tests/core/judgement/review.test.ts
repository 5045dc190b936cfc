import { describe, expect, it } from 'vitest'
import { type Finding, quotedVerdict, type Verdict } from '../../../src/core/judgement/review.ts'

const secret = 'sk-abcdefghijklmnop'
const loud = `\u001b[31m${secret} ${'x'.repeat(5_000)}`
const finding: Finding = { severity: 'low', file: 'a.ts', line: 3, problem: 'wrong', change: 'mend it' }

function verdict(more: Partial<Verdict>): Verdict {
  return { verdict: 'changes_requested', summary: 'in short', findings: [finding], checks: [], ...more }
}

describe('a verdict as it is kept', () => {
  it('is the one that was given, where nothing in it is loud', () => {
    const given = verdict({ checks: [{ command: 'npm test', exitCode: 1, observed: 'one fails' }] })
    expect(quotedVerdict(given)).toEqual(given)
    const bare = verdict({ verdict: 'approved', findings: [{ ...finding, file: null, line: null, change: null }] })
    expect(quotedVerdict(bare)).toEqual(bare)
  })

  it('holds no secret and no control character, and each part of it is bounded', () => {
    const given = verdict({
      summary: loud,
      findings: [{ ...finding, file: loud, problem: loud, change: loud }],
      checks: [{ command: loud, exitCode: 0, observed: loud }],
    })
    const { summary, findings, checks } = quotedVerdict(given)
    const [kept] = findings
    const [check] = checks
    const parts = [summary, kept?.problem, kept?.change, kept?.file, check?.command, check?.observed]
    expect(parts.map(part => part?.length)).toEqual([2_000, 2_000, 2_000, 300, 300, 300])
    for (const part of parts) expect(part).toMatch(/^\[redacted\] x+…$/)
  })

  it('keeps what is said about earlier findings, in the same way', () => {
    const earlier = [
      { number: 1, state: 'withdrawn', file: loud, line: 3, note: loud },
      { number: 2, state: 'fixed', file: null, line: null, note: null },
    ] as const
    const [withdrawn, fixed] = quotedVerdict(verdict({ earlier })).earlier ?? []
    expect([withdrawn?.file?.length, withdrawn?.note?.length]).toEqual([300, 2_000])
    for (const part of [withdrawn?.file, withdrawn?.note]) expect(part).toMatch(/^\[redacted\] x+…$/)
    expect(withdrawn).toMatchObject({ number: 1, state: 'withdrawn', line: 3 })
    expect(fixed).toEqual(earlier[1])
    const many = Array.from({ length: 51 }, (_, number) => ({ ...earlier[1], number }))
    expect(quotedVerdict(verdict({ earlier: many })).earlier).toEqual(many.slice(0, 50))
  })

  it('has at most fifty findings and fifty checks', () => {
    const checks = Array.from({ length: 51 }, (_, exitCode) => ({ command: 'make', exitCode, observed: '' }))
    const findings = Array.from({ length: 51 }, (_, line) => ({ ...finding, line }))
    const kept = quotedVerdict(verdict({ findings, checks }))
    expect([kept.findings.length, kept.checks.length]).toEqual([50, 50])
    expect([kept.findings.at(-1)?.line, kept.checks.at(-1)?.exitCode]).toEqual([49, 49])
  })
})
