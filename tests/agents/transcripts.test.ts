import { describe, expect, it } from 'vitest'
import { builtInAgents } from '../../src/agents/registry.ts'
import type { AgentReport } from '../../src/run/attempts/agent.ts'
import { readVerdict } from '../../src/run/steps/verdict.ts'
import { expectedOf, transcript, transcriptNames } from './transcripts.ts'

function outcome(report: AgentReport): string {
  return report.ok ? 'ok' : report.failure.class
}

function verdictOf(report: AgentReport): string {
  const reading = report.ok ? readVerdict(report) : null
  return reading?.ok ? reading.verdict.verdict : 'none'
}

/** Every agent of the registry against every run recorded in fixtures/agents/<id>. */
describe.each(builtInAgents.map(agent => ({ id: agent.id, agent })))('$id', ({ id, agent }) => {
  const names = transcriptNames(id)
  const rows = names.map(name => ({ name, expected: expectedOf(id, name) }))
  const goodOnes = rows.filter(({ expected }) => expected.outcome === 'ok')

  it('has recordings: a success, a verdict, failures', () => {
    expect(names.length).toBeGreaterThanOrEqual(3)
    expect(goodOnes.some(({ expected }) => expected.role === 'implementation')).toBe(true)
    expect(goodOnes.some(({ expected }) => expected.verdict !== undefined && expected.verdict !== 'none')).toBe(true)
    expect(rows.some(({ expected }) => expected.outcome !== 'ok')).toBe(true)
  })

  it.each(rows)('$name ($expected.role, exit $expected.exitCode): $expected.outcome', ({ name, expected }) => {
    const report = agent.read(transcript(id, name))
    expect(outcome(report)).toBe(expected.outcome)
    if (expected.verdict !== undefined) expect(verdictOf(report)).toBe(expected.verdict)
    if (expected.text !== undefined) expect(report.text).toBe(expected.text)
    if (expected.usage !== undefined) expect(report.usage).toEqual(expected.usage)
    if (expected.sessionId !== undefined) expect(report).toHaveProperty('sessionId', expected.sessionId)
    if (report.ok) return
    expect(report.failure.detail).toMatch(/^\P{Cc}{3,300}$/u)
    if (expected.resetAt !== undefined) {
      const time = expected.resetAt === null ? undefined : new Date(expected.resetAt).toISOString()
      expect(report.failure.resetAt).toBe(time)
    }
  })

  it.each(goodOnes)('$name is no success when the exit code says otherwise', ({ name }) => {
    for (const exitCode of [1, 2, 143, null]) {
      expect(outcome(agent.read({ ...transcript(id, name), exitCode }))).not.toBe('ok')
    }
  })

  it.each(goodOnes)('$name is no success when its end is missing', ({ name }) => {
    const whole = transcript(id, name)
    const lines = whole.stdout.trimEnd().split('\n')
    for (let kept = 0; kept < lines.length; kept += 1) {
      const stdout = lines.slice(0, kept).join('\n')
      expect(outcome(agent.read({ ...whole, stdout }))).not.toBe('ok')
    }
  })
})
