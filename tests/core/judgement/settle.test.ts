import { describe, expect, it } from 'vitest'
import type { EarlierStatement, Finding, Severity, Verdict } from '../../../src/core/judgement/review.ts'
import { type Asked, type ChangedIn, type SettleFacts, settle } from '../../../src/core/judgement/settle.ts'
import { wp } from '../samples.ts'

const lines = (path: string, now: number | null, before: number | null = null) => [path, { path, now, before }] as const

/** A re-review in which line 5 of a.ts has changed, and b.ts, new.ts and gone.ts throughout. */
const files = new Map([lines('a.ts', 10, 12), lines('b.ts', 10), lines('c.ts', 10), lines('gone.ts', null, 4)])
const changed = new Map<string, ChangedIn>([
  ['a.ts', [[5, 6]]],
  ['b.ts', 'all'],
  ['gone.ts', 'all'],
])

const finding = (severity: Severity, file: string | null, line: number | null, problem = 'p'): Finding => ({
  severity,
  file,
  line,
  problem,
  change: null,
})

const first: SettleFacts = { wpId: wp('WP01'), worktree: '/w', files, earlier: [], changed: null, asked: [] }
const known = [finding('high', 'a.ts', 1, 'it leaks'), finding('medium', 'c.ts', 2, 'it is slow')]
const again: SettleFacts = { ...first, earlier: known, changed }

const state = (
  number: number,
  word: EarlierStatement['state'],
  more: Partial<EarlierStatement> = {},
): EarlierStatement => ({ number, state: word, file: 'a.ts', line: 1, note: null, ...more })
const fixed = [state(1, 'fixed'), state(2, 'fixed')]

const said = (
  word: Verdict['verdict'],
  findings: readonly Finding[],
  earlier?: readonly EarlierStatement[],
): Verdict => ({
  verdict: word,
  summary: 's',
  findings,
  checks: [],
  ...(earlier ? { earlier } : {}),
})
const approves = (...rest: readonly [readonly Finding[], (readonly EarlierStatement[])?]) => said('approved', ...rest)
const rejects = (...rest: readonly [readonly Finding[], (readonly EarlierStatement[])?]) =>
  said('changes_requested', ...rest)

/** In one line: `approved [blocking or findings] +[follow-ups] -[not believed]`, or the reason with what is asked. */
function settled(verdict: Verdict, facts: SettleFacts): string {
  const result = settle(verdict, facts)
  if (!result.ok) return [result.reason, ...result.asked.map(word => `<${word}>`)].join(' ')
  const list = (all: readonly Finding[]) => all.map(one => `${one.severity} ${one.file}:${one.line}`).join(', ')
  const counted = result.given === result.verdict.verdict ? '' : ` for ${result.given}`
  return `${result.verdict.verdict}${counted} [${list(result.verdict.findings)}] +[${list(result.followUps)}] -[${list(result.notBelieved)}]`
}

const high = finding('high', 'c.ts', 1, 'h')
const medium = finding('medium', 'c.ts', 1, 'm')
const low = finding('low', 'c.ts', 1, 'l')
const nowhere = (severity: Severity) => finding(severity, 'x.ts', 1, 'nowhere')
const nothingBlocks =
  'no verdict: changes requested, but no finding blocks: approve it with these findings, or say what must change with severity "high" or, on a line that has changed, "medium" <what-blocks>'

describe('a first review', () => {
  it.each<[string, Verdict, readonly Asked[], string]>([
    ['approves', approves([]), [], 'approved [] +[] -[]'],
    ['approves, with an empty list of statements', approves([], []), [], 'approved [] +[] -[]'],
    ['approves with a nit', approves([low]), [], 'approved [low c.ts:1] +[low c.ts:1] -[]'],
    ['approves a medium one', approves([medium]), [], 'no verdict: approved with a finding of medium severity: m'],
    ['approves a high one', approves([low, high]), [], 'no verdict: approved with a finding of high severity: h'],
    ['rejects', rejects([low, medium, high]), [], 'changes_requested [high c.ts:1, medium c.ts:1] +[low c.ts:1] -[]'],
    ['rejects nits', rejects([low]), [], nothingBlocks],
    ['rejects nits, asked about places', rejects([low]), ['places'], nothingBlocks],
    ['rejects nits again', rejects([low]), ['what-blocks'], 'changes_requested [low c.ts:1] +[] -[]'],
    ['rejects for nothing', rejects([]), [], nothingBlocks],
    ['rejects for nothing again', rejects([]), ['what-blocks'], nothingBlocks],
    [
      'rejects the work package',
      rejects([finding('medium', 'WP01', null)]),
      [],
      'changes_requested [medium WP01:null] +[] -[]',
    ],
  ])('%s', (_, verdict, asked, expected) => {
    expect(settled(verdict, { ...first, asked })).toBe(expected)
  })
})

describe('a finding without a place', () => {
  const missing = 'names x.ts, which is no file of the reviewed commit'
  it.each<[string, Verdict, readonly Asked[], string]>([
    ['is asked for', rejects([high, nowhere('low')]), [], `no verdict: finding 2 ${missing} <places>`],
    [
      'is asked for, whatever else was asked',
      rejects([nowhere('low')]),
      ['what-blocks'],
      `no verdict: finding 1 ${missing} <places>`,
    ],
    ['is asked for in an approval', approves([nowhere('low')]), [], `no verdict: finding 1 ${missing} <places>`],
    [
      'is named with all others',
      rejects([nowhere('high'), finding('low', null, 1), finding('low', 'a.ts', 99)]),
      [],
      `no verdict: finding 1 ${missing}; finding 2 names no file; finding 3 names line 99 of a.ts, which has 10 lines <places>`,
    ],
    [
      'is not believed then',
      rejects([high, nowhere('high')]),
      ['places'],
      'changes_requested [high c.ts:1] +[] -[high x.ts:1]',
    ],
    ['leaves an approval', approves([nowhere('low')]), ['places'], 'approved [] +[] -[low x.ts:1]'],
    [
      'does not let an approval pass: high',
      approves([nowhere('high')]),
      ['places'],
      'no verdict: approved with a finding of high severity: nowhere',
    ],
    [
      'does not let an approval pass: medium',
      approves([low, nowhere('medium')]),
      ['places'],
      'no verdict: approved with a finding of medium severity: nowhere',
    ],
    [
      'is no ground for a rejection',
      rejects([nowhere('high')]),
      ['places'],
      'no verdict: changes requested, but no finding that blocks names a place that exists',
    ],
    [
      'is no ground for a rejection, beside a nit',
      rejects([low, nowhere('medium')]),
      ['places', 'what-blocks'],
      'no verdict: changes requested, but no finding that blocks names a place that exists',
    ],
    ['leaves nothing of a nit', rejects([nowhere('low')]), ['places', 'what-blocks'], nothingBlocks],
    [
      'leaves a nit',
      rejects([low, nowhere('low')]),
      ['places', 'what-blocks'],
      'changes_requested [low c.ts:1] +[] -[low x.ts:1]',
    ],
  ])('%s', (_, verdict, asked, expected) => {
    expect(settled(verdict, { ...first, asked })).toBe(expected)
  })

  it('is reported with its path as git has it, where it has one', () => {
    expect(settled(rejects([finding('high', '/w/./a.ts', 1)]), first)).toBe('changes_requested [high a.ts:1] +[] -[]')
  })
})

describe('what a re-review says about earlier findings', () => {
  const why = { note: 'it was never there' }
  it.each<[string, Verdict, string]>([
    ['nothing', approves([]), 'no verdict: it does not state earlier findings 1, 2'],
    ['too little', approves([], [state(1, 'fixed')]), 'no verdict: it does not state earlier finding 2'],
    ['one twice', approves([], [...fixed, state(2, 'open')]), 'no verdict: it states more than once earlier finding 2'],
    [
      'an unknown one',
      approves([], [...fixed, state(3, 'fixed'), state(0, 'open'), state(3, 'open')]),
      'no verdict: it states the unknown earlier findings 3, 0',
    ],
    [
      'all wrong',
      rejects([nowhere('low')], [state(1, 'withdrawn'), state(3, 'fixed', { file: 'x.ts' })]),
      'no verdict: it does not state earlier finding 2; it states the unknown earlier finding 3; it withdraws without a note that says why earlier finding 1; finding 1 names x.ts, which is no file of the reviewed commit; the fix of earlier finding 3 names x.ts, which is no file of the reviewed commit <places>',
    ],
    ['all fixed', approves([], fixed), 'approved [] +[] -[]'],
    [
      'fixed without a place',
      approves([], [state(1, 'fixed', { file: null }), state(2, 'fixed')]),
      'no verdict: the fix of earlier finding 1 names no file <places>',
    ],
    [
      'fixed in a file that is gone',
      approves([], [state(1, 'fixed', { file: 'gone.ts', line: 4 }), state(2, 'fixed')]),
      'approved [] +[] -[]',
    ],
    [
      'withdrawn',
      approves([], [state(1, 'withdrawn', why), state(2, 'withdrawn', { ...why, file: null })]),
      'approved [] +[] -[]',
    ],
    [
      'withdrawn without a word',
      approves([], [state(1, 'withdrawn'), state(2, 'withdrawn', { note: ' ' })]),
      'no verdict: it withdraws without a note that says why earlier findings 1, 2',
    ],
    [
      'high open',
      approves([], [state(1, 'open'), state(2, 'fixed')]),
      'no verdict: approved with a finding of high severity: it leaks',
    ],
    [
      'medium open',
      approves([], [state(1, 'fixed'), state(2, 'open')]),
      'no verdict: approved with a finding of medium severity: it is slow',
    ],
    [
      'both open',
      rejects([], [state(2, 'open', { file: 'b.ts', line: 7 }), state(1, 'open', { line: 4 })]),
      'changes_requested [high a.ts:4, medium b.ts:7] +[] -[]',
    ],
    [
      'open where nothing is',
      rejects([], [state(1, 'open', { file: 'x.ts', line: 4 }), state(2, 'open', { file: null })]),
      'changes_requested [high a.ts:1, medium c.ts:2] +[] -[]',
    ],
  ])('%s', (_, verdict, expected) => {
    expect(settled(verdict, again)).toBe(expected)
  })

  it('a fix without an existing place is not believed the second time either: the finding is open', () => {
    const claim = [state(1, 'fixed', { file: 'x.ts' }), state(2, 'fixed')]
    const asked = { ...again, asked: ['places'] } as const
    expect(settled(approves([], claim), asked)).toBe('no verdict: approved with a finding of high severity: it leaks')
    expect(settled(rejects([], claim), asked)).toBe('changes_requested [high a.ts:1] +[] -[]')
  })

  it('a missing statement is never forgiven', () => {
    const asked = { ...again, asked: ['places', 'what-blocks'] } as const
    expect(settled(approves([]), asked)).toBe('no verdict: it does not state earlier findings 1, 2')
  })

  it('an open nit does not block', () => {
    const facts = { ...again, earlier: [finding('low', 'a.ts', 1)] }
    expect(settled(rejects([high], [state(1, 'open')]), facts)).toBe(
      'changes_requested [high c.ts:1] +[low a.ts:1] -[]',
    )
    expect(settled(approves([], [state(1, 'open')]), facts)).toBe('approved [low a.ts:1] +[low a.ts:1] -[]')
  })

  it('an open one is not counted twice when it is repeated as a new one', () => {
    const repeated = [finding('medium', 'c.ts', 9, 'It is SLOW!')]
    const open = [state(1, 'fixed'), state(2, 'open', { file: 'c.ts', line: 3 })]
    expect(settled(rejects(repeated, open), again)).toBe('changes_requested [medium c.ts:3] +[] -[]')
  })

  it('one that is repeated although it is called fixed is no new one: it blocks', () => {
    const repeated = [finding('medium', 'c.ts', 9, 'It is SLOW!')]
    expect(settled(rejects(repeated, fixed), again)).toBe('changes_requested [medium c.ts:9] +[] -[]')
    expect(settled(approves(repeated, fixed), again)).toBe(
      'no verdict: approved with a finding of medium severity: It is SLOW!',
    )
  })
})

describe('a new finding of a re-review', () => {
  it.each<[string, number | null, boolean]>([
    ['a.ts', 4, false],
    ['a.ts', 5, true],
    ['a.ts', 6, true],
    ['a.ts', 7, false],
    // Only before the work: it was removed.
    ['a.ts', 11, true],
    ['a.ts', null, true],
    ['b.ts', 3, true],
    ['gone.ts', 2, true],
    ['c.ts', 3, false],
    ['c.ts', null, false],
    ['WP01', null, false],
  ])('of medium severity at %s:%s blocks: %s', (file, line, blocks) => {
    const one = `medium ${file}:${line}`
    const verdict = rejects([high, finding('medium', file, line)], fixed)
    expect(settled(verdict, again)).toBe(
      blocks ? `changes_requested [high c.ts:1, ${one}] +[] -[]` : `changes_requested [high c.ts:1] +[${one}] -[]`,
    )
  })

  it('blocks anywhere if it is not known what has changed, and nowhere if it is low', () => {
    expect(settled(rejects([medium], fixed), { ...again, changed: null })).toBe(
      'changes_requested [medium c.ts:1] +[] -[]',
    )
    expect(settled(rejects([high, finding('low', 'b.ts', 1)], fixed), again)).toBe(
      'changes_requested [high c.ts:1] +[low b.ts:1] -[]',
    )
  })

  it.each<[string, Verdict, readonly Asked[], string]>([
    ['a nit', rejects([low], fixed), [], nothingBlocks],
    [
      'a nit again',
      rejects([low, medium], fixed),
      ['what-blocks'],
      'approved for changes_requested [low c.ts:1, medium c.ts:1] +[low c.ts:1, medium c.ts:1] -[]',
    ],
    [
      'a nit again, and one nowhere',
      rejects([low, nowhere('low')], fixed),
      ['what-blocks', 'places'],
      'approved for changes_requested [low c.ts:1] +[low c.ts:1] -[low x.ts:1]',
    ],
    [
      'a nit again, and a high one nowhere',
      rejects([low, nowhere('high')], fixed),
      ['what-blocks', 'places'],
      'no verdict: changes requested, but no finding that blocks names a place that exists',
    ],
    ['nothing at all', rejects([], fixed), ['what-blocks'], nothingBlocks],
    [
      'a nit, and an earlier one open',
      rejects([low], [state(1, 'open'), state(2, 'fixed')]),
      ['what-blocks'],
      'changes_requested [high a.ts:1] +[low c.ts:1] -[]',
    ],
    [
      'a nit, approved',
      approves([low, medium], fixed),
      [],
      'approved [low c.ts:1, medium c.ts:1] +[low c.ts:1, medium c.ts:1] -[]',
    ],
    [
      'a high one, approved',
      approves([high], fixed),
      ['what-blocks', 'places'],
      'no verdict: approved with a finding of high severity: h',
    ],
  ])('%s', (_, verdict, asked, expected) => {
    expect(settled(verdict, { ...again, asked })).toBe(expected)
  })
})

it('gives its reason in one short line without secrets', () => {
  const problem = `first\nsecond token=ghp_${'a'.repeat(30)} ${'word '.repeat(500)}`
  const result = settle(approves([finding('high', 'a.ts', 1, problem)]), first)
  expect(result).toMatchObject({ ok: false, reason: expect.stringMatching(/^no verdict: approved .*: first second/) })
  if (result.ok) throw new Error('it is no verdict')
  expect(result.reason).not.toContain('ghp_')
  expect(result.reason).toHaveLength(1000)
})

it('keeps what else the reviewer said', () => {
  const checks = [{ command: 'npm test', exitCode: 0, observed: 'ok' }]
  expect(settle({ ...approves([], fixed), checks }, again)).toEqual({
    ok: true,
    verdict: { verdict: 'approved', summary: 's', findings: [], checks, earlier: fixed },
    given: 'approved',
    followUps: [],
    notBelieved: [],
  })
})
