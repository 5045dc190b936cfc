import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentReport } from '../../src/agents/agent.ts'
import { agentId } from '../../src/agents/agent-id.ts'
import { claudeCode } from '../../src/agents/claude-code.ts'
import { codex } from '../../src/agents/codex.ts'
import { createCustomAgent } from '../../src/agents/custom.ts'
import { readVerdict } from '../../src/agents/verdict.ts'
import type { FailureClass } from '../../src/core/failure.ts'
import type { Role } from '../../src/core/work-package.ts'
import { transcript, transcriptNames } from './transcripts.ts'

type Row = readonly [name: string, role: Role, exitCode: number | null, expected: 'ok' | FailureClass]

const claudeRows: readonly Row[] = [
  ['auth-401', 'implementation', 1, 'auth'],
  ['bad-flag', 'implementation', 1, 'bad-invocation'],
  ['empty-answer-exit0', 'implementation', 0, 'ok'],
  ['empty-prompt', 'implementation', 1, 'bad-invocation'],
  ['max-turns', 'implementation', 1, 'max-turns'],
  ['network-refused', 'implementation', 1, 'network'],
  ['ok-implementation', 'implementation', 0, 'ok'],
  ['ok-review-schema', 'review', 0, 'ok'],
  ['permission-denied-exit0', 'implementation', 0, 'ok'],
  ['rate-limit-429', 'implementation', 1, 'rate-limit'],
  ['root-refused', 'implementation', 1, 'bad-invocation'],
  ['schema-ignored-exit0', 'review', 0, 'no-verdict'],
  ['sigint-exit0', 'implementation', 0, 'crashed'],
  ['made-array', 'implementation', 0, 'ok'],
  ['made-bad-request-400', 'implementation', 1, 'agent-error'],
  ['made-budget', 'implementation', 1, 'max-turns'],
  ['made-credit-400', 'implementation', 1, 'billing'],
  ['made-cut-first-line', 'implementation', 0, 'ok'],
  ['made-exit0-no-record', 'implementation', 0, 'agent-error'],
  ['made-forbidden-403', 'implementation', 1, 'auth'],
  ['made-model-404', 'implementation', 1, 'bad-invocation'],
  ['made-not-logged-in', 'implementation', 1, 'auth'],
  ['made-ok-review', 'review', 0, 'ok'],
  ['made-overloaded-529', 'implementation', 1, 'overloaded'],
  ['made-plan-mode-exit1', 'implementation', 1, 'agent-error'],
  ['made-prompt-too-long', 'implementation', 1, 'context-exceeded'],
  ['made-refusal', 'implementation', 1, 'refused'],
  ['made-review-prose', 'review', 0, 'no-verdict'],
  ['made-schema-retries', 'review', 1, 'no-verdict'],
  ['made-server-error-500', 'implementation', 1, 'network'],
  ['made-sigterm', 'implementation', 143, 'crashed'],
  ['made-timed-out-request', 'implementation', 1, 'network'],
  ['made-tool-output-says-limit', 'implementation', 0, 'ok'],
  ['made-tool-output-says-limit-no-record', 'implementation', 1, 'agent-error'],
  ['made-tool-output-says-limit-then-fails', 'implementation', 1, 'agent-error'],
  ['made-unknown-shape', 'implementation', 0, 'agent-error'],
  ['made-usage-limit-clock', 'implementation', 1, 'usage-limit'],
  ['made-usage-limit-date', 'implementation', 1, 'usage-limit'],
  ['made-usage-limit-epoch', 'implementation', 1, 'usage-limit'],
]

const codexRows: readonly Row[] = [
  ['auth-401', 'implementation', 1, 'auth'],
  ['bad-model', 'implementation', 1, 'bad-invocation'],
  ['empty-prompt', 'implementation', 1, 'bad-invocation'],
  ['full-auto-removed', 'implementation', 2, 'bad-invocation'],
  ['ok-implementation', 'implementation', 0, 'ok'],
  ['ok-review-schema', 'review', 0, 'ok'],
  ['rate-limit-429', 'implementation', 1, 'rate-limit'],
  ['stream-cut', 'implementation', 1, 'network'],
  ['usage-limit', 'implementation', 1, 'usage-limit'],
  ['made-context-exceeded', 'implementation', 1, 'context-exceeded'],
  ['made-cut-first-line', 'implementation', 0, 'ok'],
  ['made-exit0-no-end', 'implementation', 0, 'agent-error'],
  ['made-idle-timeout', 'implementation', 1, 'network'],
  ['made-killed-while-reconnecting', 'implementation', null, 'rate-limit'],
  ['made-missing-env', 'implementation', 1, 'auth'],
  ['made-model-not-supported', 'implementation', 1, 'bad-invocation'],
  ['made-not-a-repository', 'implementation', 1, 'bad-invocation'],
  ['made-ok-review', 'review', 0, 'ok'],
  ['made-quota', 'implementation', 1, 'billing'],
  ['made-retry-limit-500', 'implementation', 1, 'overloaded'],
  ['made-review-not-json', 'review', 0, 'ok'],
  ['made-server-error-503', 'implementation', 1, 'overloaded'],
  ['made-sigterm', 'implementation', null, 'crashed'],
  ['made-tool-output-says-limit', 'implementation', 0, 'ok'],
  ['made-tool-output-says-limit-no-end', 'implementation', 1, 'agent-error'],
  ['made-tool-output-says-limit-then-fails', 'implementation', 1, 'agent-error'],
  ['made-usage-limit-relative', 'implementation', 1, 'usage-limit'],
  ['made-waiting-for-network', 'implementation', null, 'network'],
  ['made-warning-item', 'implementation', 0, 'ok'],
]

function outcome(report: AgentReport): string {
  return report.ok ? 'ok' : report.failure.class
}

describe.each([
  { agent: claudeCode, rows: claudeRows },
  { agent: codex, rows: codexRows },
])('$agent.id', ({ agent, rows }) => {
  it('has a row for every transcript', () => {
    expect(rows.map(([name]) => name).sort()).toEqual(transcriptNames(agent.id))
  })

  it.each(rows)('%s (%s, exit %s): %s', (name, role, exitCode, expected) => {
    const report = agent.read(transcript(agent.id, name, role, exitCode))
    expect(outcome(report)).toBe(expected)
    if (report.ok) return
    expect(report.failure.detail).toMatch(/^\P{Cc}{3,300}$/u)
  })

  it.each(rows.filter(row => row[3] === 'ok'))('%s is no success when the exit code says otherwise', (name, role) => {
    for (const exitCode of [1, 2, 143, null]) {
      expect(outcome(agent.read(transcript(agent.id, name, role, exitCode)))).not.toBe('ok')
    }
  })
})

describe('what a report holds', () => {
  it('claude-code: final message, session, tokens with the cached ones, dollars', () => {
    expect(claudeCode.read(transcript('claude-code', 'made-tool-output-says-limit', 'implementation', 0))).toEqual({
      ok: true,
      text: 'Done: the rate limit test passes.',
      structured: null,
      usage: { inputTokens: 237, outputTokens: 40, costUsd: 0.0008 },
      sessionId: '415ec7d9-e3d5-4ecf-aaed-5e5885be68aa',
    })
  })

  it('codex: final message, thread, tokens, no dollars', () => {
    expect(codex.read(transcript('codex', 'made-tool-output-says-limit', 'implementation', 0))).toEqual({
      ok: true,
      text: 'Done: the rate limit test passes.',
      structured: null,
      usage: { inputTokens: 200, outputTokens: 40, costUsd: null },
      sessionId: '01a1fbcd-80cb-7b53-a368-28fa85a04430',
    })
  })

  it('prefers the final-message file of codex to its events', () => {
    const report = codex.read(transcript('codex', 'made-ok-review', 'review', 0))
    expect(report.text).toContain('The second line is missing.')
  })

  it.each([
    ['claude-code', 'made-ok-review', 'changes_requested'],
    ['codex', 'made-ok-review', 'changes_requested'],
    ['claude-code', 'ok-review-schema', null],
    ['codex', 'ok-review-schema', null],
    ['codex', 'made-review-not-json', null],
  ])('%s %s: verdict %s', (id, name, verdict) => {
    const agent = id === 'codex' ? codex : claudeCode
    const report = agent.read(transcript(id, name, 'review', 0))
    const reading = report.ok ? readVerdict(report) : null
    expect(reading?.ok ? reading.verdict.verdict : null).toBe(verdict)
  })

  it('redacts what the record quotes', () => {
    const stdout = `${JSON.stringify({ type: 'turn.failed', error: { message: 'boom sk-abcdefghijkl' } })}\n`
    const report = codex.read({ role: 'implementation', exitCode: 1, stdout, stderr: '', finalMessage: null })
    expect(report).toMatchObject({ failure: { class: 'agent-error', detail: 'boom [redacted]' } })
  })
})

describe('when a limit ends', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'] })
    vi.setSystemTime(new Date(2026, 3, 20, 16, 30))
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each([
    ['claude-code', 'made-usage-limit-epoch', new Date(1795223410_000)],
    ['claude-code', 'made-usage-limit-clock', new Date(2026, 3, 21, 15, 0)],
    ['claude-code', 'made-usage-limit-date', new Date(2026, 3, 23, 16, 0)],
    ['codex', 'usage-limit', new Date(2026, 3, 21, 2, 8)],
    ['codex', 'made-usage-limit-relative', new Date(2026, 3, 26, 14, 41)],
  ])('%s %s', (id, name, expected) => {
    const agent = id === 'codex' ? codex : claudeCode
    const report = agent.read(transcript(id, name, 'implementation', 1))
    expect(report).toMatchObject({ failure: { class: 'usage-limit', resetAt: expected.toISOString() } })
  })

  it('is not made up for other failures', () => {
    const report = claudeCode.read(transcript('claude-code', 'rate-limit-429', 'implementation', 1))
    expect(report).not.toHaveProperty('failure.resetAt')
  })
})

describe('a custom agent', () => {
  const agent = createCustomAgent(agentId('mine'), { command: ['mine'], prompt: 'stdin', review: true })
  const output = { role: 'review', stdout: 'All good\n', stderr: 'note\nit broke\n', finalMessage: null } as const

  it('has done its work when it exits 0', () => {
    expect(agent.read({ ...output, exitCode: 0 })).toMatchObject({ ok: true, text: 'All good\n', structured: null })
  })

  it.each([
    [1, 'agent-error', 'exit 1; it broke'],
    [null, 'crashed', 'ended by a signal; it broke'],
  ])('exit %s: %s', (exitCode, failureClass, detail) => {
    expect(agent.read({ ...output, exitCode })).toMatchObject({ ok: false, failure: { class: failureClass, detail } })
  })
})
