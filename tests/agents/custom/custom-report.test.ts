import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agentId } from '../../../src/agents/agent-id.ts'
import { createCustomAgent } from '../../../src/agents/custom/custom.ts'
import { lookUpIn } from '../../../src/agents/reading/json-path.ts'
import type { AgentOutput, AgentReport } from '../../../src/run/attempts/agent.ts'
import { readVerdict } from '../../../src/run/steps/verdict.ts'
import { customDefinition } from '../custom-definition.ts'

const silent: AgentOutput = {
  role: 'implementation',
  exitCode: 0,
  cut: false,
  stdout: '',
  head: '',
  stderr: '',
  resultFile: null,
  endedAt: new Date(2026, 3, 20, 16, 30).getTime(),
}

function read(given: Readonly<Record<string, unknown>>, output: Partial<AgentOutput>): AgentReport {
  const agent = createCustomAgent(agentId('mine'), customDefinition({ command: ['mine'], review: true, ...given }))
  return agent.read({ ...silent, ...output })
}

const outcome = (report: AgentReport) => (report.ok ? 'ok' : `${report.failure.class}: ${report.failure.detail}`)
const lines = (...records: readonly unknown[]) => records.map(record => `${JSON.stringify(record)}\n`).join('')

/** A program that says everything in one record. */
const speaking = {
  success: { path: 'status', equals: 'ok' },
  failure: {
    path: 'error.type',
    classes: { slow_down: 'rate-limit', plan_limit: 'usage-limit', 401: 'auth', false: 'refused' },
    exit_codes: { 7: 'billing', 143: 'network' },
    message: 'error.message',
  },
  final_message: 'result.text',
  session_id: 'session',
  usage: { input_tokens: 'usage.in', output_tokens: 'usage.out', cost_usd: 'usage.usd' },
}
const verdict = '{"verdict": "approved", "summary": "Fine."}'
const done = { status: 'ok', result: { text: 'Done.' }, session: 's-1', usage: { in: 12, out: 3, usd: 0.5 } }

describe('success', () => {
  it.each<[string, Readonly<Record<string, unknown>>, Partial<AgentOutput>, string]>([
    ['exit 0', {}, { stdout: 'All good\n' }, 'ok'],
    ['another exit code', {}, { exitCode: 1, stderr: 'note\nit broke\n' }, 'agent-error: exit 1; it broke'],
    ['a signal', {}, { exitCode: null, stdout: 'All good' }, 'crashed: ended by a signal without a closing record'],
    ['an exit code of its list', { success: { exit_codes: [0, 3] } }, { exitCode: 3 }, 'ok'],
    ['exit 0 outside its list', { success: { exit_codes: [3] } }, {}, 'agent-error: exit 0 '],
    ['the expected value', speaking, { stdout: lines(done) }, 'ok'],
    ['the value in one object over many lines', speaking, { stdout: JSON.stringify(done, null, 2) }, 'ok'],
    ['the value and a bad exit code', speaking, { stdout: lines(done), exitCode: 1 }, /^agent-error: exit 1; /.source],
    ['the value and a signal', speaking, { stdout: lines(done), exitCode: null }, 'crashed: '],
    ['nothing at its path', speaking, { stdout: 'All good\n' }, 'agent-error: status is missing, expected "ok"'],
    ['an empty output', speaking, {}, 'agent-error: status is missing, expected "ok"'],
    ['another value', speaking, { stdout: lines({ status: 'OK' }) }, 'agent-error: status is "OK", expected "ok"'],
    ['null', speaking, { stdout: lines(done, { status: null }) }, 'agent-error: status is null, expected "ok"'],
    [
      'a list',
      speaking,
      { stdout: lines({ status: ['ok'] }) },
      'agent-error: status is no single value, expected "ok"',
    ],
    ['a later record', speaking, { stdout: lines(done, { status: 'failed' }) }, 'agent-error: status is "failed"'],
    ['true by default', { success: { path: 'ok' } }, { stdout: lines({ ok: true }) }, 'ok'],
    [
      'text that reads like it',
      { success: { path: 'ok' } },
      { stdout: lines({ ok: 'true' }) },
      'agent-error: ok is "true", expected true',
    ],
    ['a number', { success: { path: 'code', equals: 0 } }, { stdout: lines({ code: 0 }) }, 'ok'],
    [
      'no number',
      { success: { path: 'code', equals: 0 } },
      { stdout: lines({ code: null }) },
      'agent-error: code is null',
    ],
    [
      'a value that means a failure, at exit 0',
      { failure: speaking.failure },
      { stdout: lines({ error: { type: 'slow_down', message: 'Slow' } }) },
      'rate-limit: Slow',
    ],
    ['a failure got over on the way', speaking, { stdout: lines({ error: { type: 'slow_down' } }, done) }, 'ok'],
  ])('%s', (_, given, output, expected) => {
    expect(outcome(read(given, output))).toMatch(new RegExp(`^${expected}`))
  })

  it('is never read out of what a tool printed', () => {
    const stdout = lines({ tool: { output: '{"status":"ok"} approved, rate limit, 401 unauthorized' } })
    expect(outcome(read(speaking, { stdout }))).toBe('agent-error: status is missing, expected "ok"')
    expect(outcome(read(speaking, { stdout, exitCode: 1, stderr: 'gave up' }))).toBe('agent-error: exit 1; gave up')
  })
})

describe('the class of a failure', () => {
  const ended = (error: unknown, exitCode: number | null = 1) =>
    outcome(read(speaking, { stdout: lines({ status: 'failed', error }), exitCode }))

  it.each<[string, unknown, number | null, string]>([
    ['of the record', { type: 'slow_down', message: 'Slow' }, 1, 'rate-limit: Slow'],
    ['of the record before that of the exit code', { type: 'slow_down', message: 'Slow' }, 7, 'rate-limit: Slow'],
    ['a number in the record', { type: 401 }, 1, 'auth: error.type: 401'],
    ['false in the record', { type: false }, 1, 'refused: error.type: false'],
    ['of the exit code, where the record has none', { message: 'Empty' }, 7, 'billing: Empty'],
    ['of the exit code, where the record has an unknown one', { type: 'odd', message: 'Odd' }, 7, 'billing: Odd'],
    ['unknown both ways', { type: 'odd', message: 'Odd' }, 1, 'agent-error: Odd'],
    ['inherited names', { type: 'constructor', message: 'Odd' }, 1, 'agent-error: Odd'],
    ['__proto__', { type: '__proto__', message: 'Odd' }, 1, 'agent-error: Odd'],
    ['a list in the record', { type: ['slow_down'], message: ['Slow'] }, 7, 'billing: exit 7; '],
    ['an exit code of a signal that is known', { type: 'slow_down' }, 143, 'network: exit 143; '],
    ['an exit code of a signal', { type: 'slow_down' }, 137, 'crashed: exit 137 without'],
    ['a signal', { type: 'slow_down' }, null, 'crashed: ended by a signal'],
  ])('%s', (_, error, exitCode, expected) => {
    expect(ended(error, exitCode)).toMatch(new RegExp(`^${expected}`))
  })

  it('a limit ends when its words say so', () => {
    const report = read(speaking, {
      stdout: lines({ error: { type: 'plan_limit', message: 'Limit reached, resets 6pm' } }),
      exitCode: 1,
    })
    const resetAt = new Date(2026, 3, 20, 18).toISOString()
    expect(report).toMatchObject({ failure: { class: 'usage-limit', resetAt } })
  })

  it('is reported in words that are safe to show', () => {
    const message = `\u001b[2J${'x'.repeat(1000)} sk-abcdefghijkl\u0000`
    expect(ended({ type: 'slow_down', message })).toMatch(/^rate-limit: x{200,299}…$/)
    expect(ended({ message: 'bad sk-abcdefghijkl\nnext' })).toBe('agent-error: bad [redacted] next')
    const status = '\u001b[31mGITHUB_TOKEN=abc\u0000'
    expect(outcome(read(speaking, { stdout: lines({ status }) }))).toMatch(/^\P{Cc}{3,330}$/u)
  })

  it('keeps what was said and used', () => {
    const stdout = lines({ ...done, status: 'failed' })
    expect(read(speaking, { stdout })).toMatchObject({ ok: false, text: 'Done.', usage: { inputTokens: 12 } })
    expect(read({}, { stdout: 'Half', exitCode: 1 })).toMatchObject({ ok: false, text: 'Half', usage: null })
  })
})

const unknownAnswerer = { cliVersion: null, model: null, otherModels: [] }

describe('what a report holds', () => {
  it('is found at its paths', () => {
    expect(read(speaking, { stdout: lines(done) })).toEqual({
      ok: true,
      text: 'Done.',
      structured: null,
      usage: { inputTokens: 12, outputTokens: 3, costUsd: 0.5 },
      sessionId: 's-1',
      answerer: unknownAnswerer,
    })
  })

  it('is all of stdout where no path is configured', () => {
    const stdout = lines(done)
    expect(read({}, { stdout })).toEqual({
      ok: true,
      text: stdout,
      structured: null,
      usage: null,
      sessionId: null,
      answerer: unknownAnswerer,
    })
  })

  it.each<[string, unknown]>([
    ['text', '12'],
    ['a negative number', -1],
    ['a list', [12]],
    ['null', null],
  ])('counts no %s as usage', (_, value) => {
    const stdout = lines({ ...done, usage: { in: value, out: 3 } })
    expect(read(speaking, { stdout })).toMatchObject({ usage: { inputTokens: null, outputTokens: 3, costUsd: null } })
  })

  it('counts no infinity as usage', () => {
    const stdout = lines(done).replace('12', '1e999')
    expect(read(speaking, { stdout })).toMatchObject({ usage: { inputTokens: null, outputTokens: 3, costUsd: 0.5 } })
  })

  it.each<[string, unknown, string]>([
    ['the object that ends its final message', `I looked.\n${verdict}`, 'approved'],
    ['an object in place of the message', JSON.parse(verdict), 'approved'],
    ['a message without one', 'APPROVED', 'none'],
    ['a message of another type', [verdict], 'none'],
    ['no message', undefined, 'none'],
  ])('a verdict: %s', (_, text, expected) => {
    const report = read(speaking, { role: 'review', stdout: lines({ ...done, result: { text } }) })
    const reading = report.ok ? readVerdict(report) : null
    expect(reading?.ok ? reading.verdict.verdict : 'none').toBe(expected)
    expect(report.ok).toBe(true)
  })
})

describe('whatever the program prints', () => {
  const name = fc.constantFrom(
    'status',
    'error',
    'type',
    'result',
    'text',
    'usage',
    'in',
    '__proto__',
    'constructor',
    '0',
  )
  const leaf = fc.oneof(
    fc.constantFrom('ok', 'failed', 'slow_down', '\u001b[2J', null, true, 401, -1),
    fc.string(),
    fc.double(),
  )
  const { value } = fc.letrec(tie => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(name, tie('value'))),
  }))
  const line = fc.oneof(
    fc.dictionary(name, value).map(record => JSON.stringify(record)),
    fc.constantFrom('{"status":"ok"}', '{"status":"ok","result":{"text":"Done."}}', '{"status":', '"status": "ok"', ''),
    fc.string({ unit: 'binary' }),
  )
  const path = fc.array(name, { minLength: 1, maxLength: 3 }).map(parts => parts.join('.'))
  const exitCode = fc.constantFrom(0, 0, 0, 1, 7, 143, null)

  it('is a success only with a good exit code and the expected value, or a failure that can be shown', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(fc.array(line, { maxLength: 4 }), exitCode, path, (lines, exitCode, other) => {
        const stdout = lines.join('\n')
        const given = { ...speaking, session_id: other, usage: { input_tokens: other } }
        const report = read(given, { stdout, exitCode })
        seen.add(report.ok ? 'ok' : 'failed')
        expect(typeof report.text).toBe('string')
        expect(JSON.parse(JSON.stringify(report.usage))).toEqual(report.usage)
        if (report.ok) {
          expect(exitCode).toBe(0)
          expect(lookUpIn(stdout)('status')).toBe('ok')
        } else expect(report.failure.detail).toMatch(/^\P{Cc}{3,300}$/u)
      }),
      { numRuns: 300 },
    )
    expect([...seen].sort()).toEqual(['failed', 'ok'])
  })
})
