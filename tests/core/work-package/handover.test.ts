import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../src/core/judgement/review.ts'
import { curesOf, handover, handoverText } from '../../../src/core/work-package/handover.ts'
import type { Feedback } from '../../../src/core/work-package/work-package.ts'
import { attempt, bob, failed, record } from '../samples.ts'

const finding = (problem: string): Finding => ({ severity: 'high', file: 'src/a.ts', line: 3, problem, change: null })
const judgement = (verdict: 'approved' | 'changes_requested', findings: readonly Finding[]) => ({
  verdict: { verdict, summary: 'no tests', findings, checks: [] },
  reviewer: bob,
  reference: 'review/WP01/c1-a2',
  commit: 'head',
  shown: [],
})

describe('what was tried', () => {
  it.each([
    ['a success', attempt(1), 'attempt 1 (cycle 1): implementation by ada succeeded'],
    ['a verdict', attempt(2, { role: 'review', agent: bob }), 'attempt 2 (cycle 1): review by bob gave a verdict'],
    ['a failure', failed(2, 'stalled'), 'attempt 2 (cycle 1): implementation by ada failed: stalled: why'],
    [
      'an interruption',
      attempt(3, { role: 'review', agent: bob, cycle: 2, result: { kind: 'interrupted' } }),
      'attempt 3 (cycle 2): review by bob was interrupted',
    ],
    ['one that runs', attempt(4, { result: null }), 'attempt 4 (cycle 1): implementation by ada has not ended'],
  ])('tells %s', (_, tried, line) => {
    expect(handover(record({ attempts: [tried] })).tried).toEqual([line])
  })

  it('leaves out what was before the last retry', () => {
    const attempts = [failed(1, 'crashed'), failed(2, 'crashed'), failed(3, 'refused')]
    expect(handover(record({ attempts, retriedAfterAttempt: 2 })).tried).toEqual([
      'attempt 3 (cycle 1): implementation by ada failed: refused: why',
    ])
  })

  it.each([
    [12, 'attempt 1 (cycle 1): implementation by ada succeeded', 12],
    [13, '1 earlier attempt', 13],
    [14, '2 earlier attempts', 13],
  ])('of %i attempts begins with %s', (count, first, lines) => {
    const attempts = Array.from({ length: count }, (_, index) => attempt(index + 1))
    const { tried } = handover(record({ attempts }))
    expect([tried[0], tried.length]).toEqual([first, lines])
  })

  it('is bounded in lines and in their length, and holds no secret and no control character', () => {
    const detail = `\u001b[31mtoken=abcdefghijklmnop ${'x'.repeat(5_000)}`
    const loud = (number: number) =>
      attempt(number, { result: { kind: 'failed', failure: { class: 'agent-error', detail } } })
    const { tried } = handover(record({ attempts: Array.from({ length: 40 }, (_, index) => loud(index + 1)) }))
    expect(tried).toHaveLength(13)
    expect(tried[0]).toBe('28 earlier attempts')
    expect(tried.at(-1)).toContain('attempt 40')
    for (const line of tried) {
      expect(line.length).toBeLessThanOrEqual(300)
      expect(line).not.toMatch(/\p{Cc}|abcdefghijklmnop/u)
    }
  })
})

describe('the last findings', () => {
  it.each([
    ['of a rejection that ended it', { judgement: judgement('changes_requested', [finding('it is wrong')]) }],
    [
      'that the last attempt was to fix',
      { feedback: { kind: 'findings', reviewer: 'bob', summary: 'no tests', findings: [finding('it is wrong')] } },
    ],
  ] as const)('are those %s', (_, more) => {
    expect(handover(record(more)).findings).toEqual(['bob: no tests', '[high] src/a.ts:3 it is wrong'])
  })

  it('are of the checks, with their logs', () => {
    const results = [
      { command: 'npm test', exitCode: 1, output: 'much', log: '/l/check-1.log' },
      { command: 'make', exitCode: null, output: '', log: '/l/check-2.log' },
    ]
    expect(handover(record({ feedback: { kind: 'checks', results } })).findings).toEqual([
      'check npm test: exit 1, log /l/check-1.log',
      'check make: stopped, log /l/check-2.log',
    ])
  })

  it('are of the host', () => {
    const feedback = { kind: 'host-refusal', message: 'unchecked subtasks: T001' } as const
    expect(handover(record({ feedback })).findings).toEqual(['the host: unchecked subtasks: T001'])
  })

  it('are none where nothing was found, or an approval came to nothing', () => {
    expect(handover(record()).findings).toEqual([])
    expect(handover(record({ judgement: judgement('approved', [finding('a nit')]) })).findings).toEqual([])
  })

  it('name no place and no log where there is none', () => {
    const places = [
      { ...finding('one'), file: null, line: null },
      { ...finding('two'), line: null },
    ]
    expect(handover(record({ judgement: judgement('changes_requested', places) })).findings).toEqual([
      'bob: no tests',
      '[high] one',
      '[high] src/a.ts two',
    ])
    const results = [{ command: 'owned files', exitCode: 1, output: '', log: null }]
    expect(handover(record({ feedback: { kind: 'checks', results } })).findings).toEqual(['check owned files: exit 1'])
  })

  it('are ten without a word of more', () => {
    const findings = Array.from({ length: 9 }, (_, index) => finding(`problem ${index}`))
    const lines = handover(record({ judgement: judgement('changes_requested', findings) })).findings
    expect(lines).toHaveLength(10)
    expect(lines.at(-1)).toBe('[high] src/a.ts:3 problem 8')
  })

  it('are ten at most, and say how many more there are', () => {
    const findings = Array.from({ length: 30 }, (_, index) => finding(`problem ${index}`))
    const lines = handover(record({ judgement: judgement('changes_requested', findings) })).findings
    expect(lines).toHaveLength(11)
    expect(lines.at(-1)).toBe('21 more')
  })
})

describe('commands that cure what only a person can', () => {
  const result = (...cures: readonly string[]) => ({
    ...{ command: 'owned files', exitCode: 1, output: '', log: null },
    ...(cures.length > 0 && { cures }),
  })
  it.each<[string, Feedback | null, readonly string[]]>([
    ['none where nothing failed', null, []],
    ['none for a refusal of the host', { kind: 'host-refusal', message: 'no' }, []],
    ['none for a check that names none', { kind: 'checks', results: [result()] }, []],
    ['each once', { kind: 'checks', results: [result('a', 'b'), result(), result('b', 'c')] }, ['a', 'b', 'c']],
  ])('%s', (_, feedback, cures) => expect(curesOf(record({ feedback }))).toEqual(cures))
})

it('is one text for the history of the host', () => {
  const told = handover(record({ attempts: [failed(1, 'refused')], feedback: { kind: 'host-refusal', message: 'no' } }))
  expect(handoverText('nobody is left', told, '/logs/WP01', ['sko retry WP01', 'sko skip WP01'])).toBe(
    [
      'nobody is left',
      'tried:',
      '- attempt 1 (cycle 1): implementation by ada failed: refused: why',
      'last findings:',
      '- the host: no',
      'logs: /logs/WP01',
      'next: sko retry WP01',
      'next: sko skip WP01',
    ].join('\n'),
  )
})

it('is the reason alone where nothing else is known', () => {
  expect(handoverText('nobody is left', handover(record()), null, [])).toBe('nobody is left')
})
