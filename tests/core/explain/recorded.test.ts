import { describe, expect, it } from 'vitest'
import { brief, recordedOutcome, recordedStep, recordedWp } from '../../../src/core/explain/recorded.ts'
import type { Outcome, Step } from '../../../src/core/work-package/step.ts'
import {
  ada,
  attempt,
  bob,
  failed,
  finding,
  judgement,
  later,
  record,
  refused,
  work,
  worktree,
  wp,
} from '../samples.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'
const begin = '0123456789ab'
const long = 'word '.repeat(100)
/** What is left of it in 300 and in 100 characters, and its mark. */
const cut = `${'word '.repeat(59)}word…zsvpxnt`
const cutTo100 = `${'word '.repeat(19)}word…zsvpxnt`

const recordedAttempt = {
  number: 1,
  role: 'implementation',
  cycle: 1,
  agent: ada,
  endedAt: '2026-01-01T11:59:30.000Z',
  baseCommit: 'base',
  headCommit: 'head',
  result: { kind: 'succeeded' },
}

describe('the record of a WP', () => {
  it('has little to say in the beginning', () => {
    expect(recordedWp(record())).toEqual({
      wpId: wp('WP01'),
      cycle: 1,
      attempts: [],
      work: null,
      judgement: null,
      confirmed: false,
      earlierFindings: [],
      refusedTrees: [],
      hostRefusals: [],
      retriedAfterAttempt: 0,
      retriedAfterCycle: 0,
      retriedAt: null,
      halt: null,
    })
  })

  it('keeps what decisions depend on, and no more', () => {
    const full = record({
      cycle: 3,
      attempts: [attempt(1, { baseCommit: commit, headCommit: commit })],
      work: { ...work, tree: commit },
      judgement: judgement('changes_requested'),
      confirmed: { commit, at: '2026-01-01', reason: 'it is right' },
      earlierFindings: [{ ...finding, raised: 2 }],
      refusedTrees: [{ tree: commit, cycle: 2, by: 'checks' }],
      hostRefusals: ['subtasks are open'],
      retriedAfterAttempt: 4,
      retriedAfterCycle: 1,
      retriedAt: '2026-01-02',
      halt: { kind: 'blocked', reason: 'it went wrong', cure: 'sko retry WP01', pendingIn: 'in_progress' },
      laneBranch: 'kitty/lane-a',
    })
    expect(recordedWp(full)).toEqual({
      wpId: wp('WP01'),
      cycle: 3,
      attempts: [{ ...recordedAttempt, baseCommit: begin, headCommit: begin }],
      work: { agent: ada, tree: begin, checked: true },
      judgement: {
        verdict: 'changes_requested',
        reviewer: bob,
        findings: [{ file: 'a.ts', problem: 'it is wrong' }],
      },
      confirmed: true,
      earlierFindings: [{ file: 'a.ts', problem: 'it is wrong', raised: 2 }],
      refusedTrees: [{ tree: begin, cycle: 2, by: 'checks' }],
      hostRefusals: ['subtasks are open'],
      retriedAfterAttempt: 4,
      retriedAfterCycle: 1,
      retriedAt: '2026-01-02',
      halt: { kind: 'blocked', reason: 'it went wrong', pendingIn: 'in_progress' },
    })
  })

  it('keeps how a verdict was counted', () => {
    const counted = {
      ...judgement('approved'),
      given: 'changes_requested',
      followUps: [finding, finding],
      notBelieved: [finding],
    } as const
    expect(recordedWp(record({ judgement: counted })).judgement).toEqual({
      ...{ verdict: 'approved', reviewer: bob, findings: [] },
      ...{ given: 'changes_requested', followUps: 2, notBelieved: 1 },
    })
  })

  it('says when the work has not been checked', () => {
    expect(recordedWp(record({ work: { ...work, checks: null } })).work).toMatchObject({ checked: false })
  })

  it('shortens what was said', () => {
    const wordy = recordedWp(
      record({
        earlierFindings: [{ ...finding, problem: long, raised: 1 }],
        hostRefusals: [long],
        halt: { kind: 'left-alone', reason: long },
      }),
    )
    expect(wordy).toMatchObject({
      earlierFindings: [{ problem: cutTo100 }],
      hostRefusals: [cut],
      halt: { kind: 'left-alone', reason: cut },
    })
  })

  it.each([
    [commit, begin],
    [commit.padEnd(64, 'f'), begin],
    [`${commit.slice(1)}`, `${commit.slice(1)}`],
    [commit.padEnd(65, 'f'), commit.padEnd(65, 'f')],
    [`x${commit}`, `x${commit}`],
    ['a tree that the tests name', 'a tree that the tests name'],
  ])('shortens ids of git only: %s', (tree, expected) => {
    expect(recordedWp(record({ refusedTrees: [{ tree, cycle: 1, by: 'review' }] })).refusedTrees).toEqual([
      { tree: expected, cycle: 1, by: 'review' },
    ])
  })
})

describe('an attempt', () => {
  const recorded = (...attempts: Parameters<typeof attempt>) =>
    recordedWp(record({ attempts: [attempt(...attempts)] })).attempts
  it.each([
    ['succeeded', { result: { kind: 'succeeded' } }],
    ['was interrupted', { result: { kind: 'interrupted' } }],
    ['has not ended', { result: null, endedAt: null }],
    ['is not committed', { headCommit: null }],
  ] as const)('that %s', (_, more) => {
    expect(recorded(1, more)).toEqual([{ ...recordedAttempt, ...more }])
  })

  it('that failed, without the words that nothing depends on', () => {
    const failure = { class: 'rate-limit', detail: long, resetAt: '2026-01-02' } as const
    expect(recorded(1, { result: { kind: 'failed', failure } })).toEqual([
      { ...recordedAttempt, result: { kind: 'failed', failure: { class: 'rate-limit', detail: cut } } },
    ])
  })
})

describe('a step', () => {
  const nothing = { agent: null, attempt: null, until: null, end: null, by: null, reason: null }
  const steps: readonly (readonly [Step, Partial<ReturnType<typeof recordedStep>>])[] = [
    [{ kind: 'claim', agent: ada }, { agent: ada }],
    [{ kind: 'resolve' }, {}],
    [{ kind: 'implement', agent: bob }, { agent: bob }],
    [{ kind: 'adopt', attempt: attempt(3) }, { attempt: 3 }],
    [{ kind: 'commit', attempt: failed(4, 'crashed') }, { attempt: 4 }],
    [{ kind: 'check', work }, {}],
    [{ kind: 'submit', agent: ada }, { agent: ada }],
    [{ kind: 'start-review', agent: bob }, { agent: bob }],
    [{ kind: 'review', agent: bob }, { agent: bob }],
    [{ kind: 'approve', judgement: judgement('approved') }, {}],
    [{ kind: 'reject', judgement: judgement('changes_requested') }, {}],
    [{ kind: 'block', reason: long, judgement: null }, { reason: cut }],
    [
      { kind: 'wait', until: later, reason: 'rate-limit' },
      { until: later, reason: 'rate-limit' },
    ],
    [{ kind: 'finish', end: 'complete' }, { end: 'complete' }],
    [
      { kind: 'finish', end: 'needs-person', reason: 'why' },
      { end: 'needs-person', reason: 'why' },
    ],
    [
      { kind: 'finish', end: 'held', by: 'budget', reason: 'why' },
      { end: 'held', by: 'budget', reason: 'why' },
    ],
  ]
  it.each(steps.map(([step, said]) => ({ step, said })))('$step.kind', ({ step, said }) => {
    expect(recordedStep(step)).toEqual({ ...nothing, kind: step.kind, ...said })
  })
})

describe('an outcome', () => {
  const passed = { command: 'npm test', exitCode: 0, output: '', log: null }
  const recordedPass = { command: 'npm test', exitCode: 0, stopped: null, reason: null }
  const outcomes: readonly (readonly [Outcome, Record<string, unknown>])[] = [
    [{ kind: 'claimed', worktree }, { laneId: 'lane-a' }],
    [{ kind: 'resolved', worktree }, { laneId: 'lane-a' }],
    [
      { kind: 'attempt-ended', begun: record(), attempt: attempt(1), judgement: null },
      { attempt: recordedAttempt, judgement: null },
    ],
    [
      {
        kind: 'attempt-ended',
        begun: record(),
        attempt: attempt(2, { role: 'review' }),
        judgement: judgement('approved'),
      },
      {
        attempt: { ...recordedAttempt, number: 2, role: 'review' },
        judgement: { verdict: 'approved', reviewer: bob, findings: [] },
      },
    ],
    [
      { kind: 'committed', head: commit, tree: commit.replaceAll('0', 'f'), changed: true },
      { head: begin, tree: begin.replaceAll('0', 'f'), changed: true },
    ],
    [{ kind: 'checked', results: [passed] }, { results: [recordedPass] }],
    [
      { kind: 'checked', results: [{ ...passed, command: long, exitCode: null, stopped: 'it took 10 m' }] },
      { results: [{ ...recordedPass, command: cut, exitCode: null, stopped: 'it took 10 m' }] },
    ],
    [
      { kind: 'checked', results: [{ ...passed, exitCode: 1, reason: long }] },
      { results: [{ ...recordedPass, exitCode: 1, reason: cut }] },
    ],
    [{ kind: 'moved', to: 'for_review' }, { to: 'for_review' }],
    [{ kind: 'verdict-void', reason: long }, { reason: cut }],
    [{ kind: 'unanswered', reason: long }, { reason: cut }],
    [
      { kind: 'halted', halt: { kind: 'blocked', reason: long, cure: 'sko retry WP01', pendingIn: 'in_progress' } },
      { halt: { kind: 'blocked', reason: cut, pendingIn: 'in_progress' } },
    ],
    [
      refused('move-rejected', 'planned', long),
      { reason: 'move-rejected', mayPass: false, code: 'ITS_CODE', message: cut, lane: 'planned' },
    ],
    [
      { kind: 'refused', reason: 'other', mayPass: true, code: long, message: 'its words', lane: 'planned' },
      { reason: 'other', mayPass: true, code: cut, message: 'its words', lane: 'planned' },
    ],
    [
      { kind: 'worktree-in-use', by: wp('WP02'), worktree, lane: 'in_progress' },
      { by: 'WP02', laneId: 'lane-a', lane: 'in_progress' },
    ],
    [{ kind: 'interrupted' }, {}],
  ]
  it.each(outcomes.map(([outcome, said]) => ({ outcome, said })))('$outcome.kind', ({ outcome, said }) => {
    expect(recordedOutcome(outcome)).toEqual({ kind: outcome.kind, ...said })
  })
})

describe('a text', () => {
  it('is kept where it is short, up to the limit', () => {
    expect(brief('x'.repeat(300))).toBe('x'.repeat(300))
    expect(brief('a text', 6)).toBe('a text')
  })

  it('is cut where it is longer, with a mark of what it was', () => {
    expect(brief('a'.repeat(301))).toBe(`${'a'.repeat(299)}…aztnehw`)
    expect(brief('a longer text', 6)).toMatch(/^a lon…[a-z]+$/)
  })

  it('is kept without its secrets', () => {
    expect(brief('TOKEN=abcdefghij0123456789')).toBe('TOKEN=[redacted]')
    expect(brief(`TOKEN=abcdefghij0123456789 ${long}`)).toMatch(/^TOKEN=\[redacted\] word /)
  })

  const failing = (count: string, end = '') => `${`Tests failed: ${count}, in a.ts. `.repeat(12)}${end}`
  const markOf = (text: string) => brief(text).split('…').at(-1)
  it.each([
    ['in digits', failing('3 of 40'), failing('12 of 50'), true],
    ['in signs', failing('3 of 40'), failing('3 (of 40)'), true],
    ['in capitals', failing('3 of 40'), failing('3 OF 40'), true],
    ['in a word', failing('3 of 40'), failing('3 in 40'), false],
    ['in its last letter', failing('3 of 40', 'a'), failing('3 of 40', 'b'), false],
    ['in where a word ends', failing('no one'), failing('noone'), false],
    ['in an accent', failing('3 of 40', 'e'), failing('3 of 40', 'é'), false],
  ])('that differs %s has another mark only where that matters', (_, a, b, same) => {
    expect(markOf(a)).toMatch(/^[a-z]+$/)
    expect(markOf(a) === markOf(b)).toBe(same)
  })
})
