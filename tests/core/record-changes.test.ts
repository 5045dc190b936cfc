import { describe, expect, it } from 'vitest'
import type { Lane } from '../../src/core/mission/lane.ts'
import { applyOutcome, beginAttempt, enterLane } from '../../src/core/work-package/apply-outcome.ts'
import { withFreshCounters } from '../../src/core/work-package/fresh-start.ts'
import type { RefusalReason } from '../../src/core/work-package/refusal.ts'
import type { ActiveStep, Outcome } from '../../src/core/work-package/step.ts'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'
import {
  ada,
  attempt,
  bob,
  failed,
  finding,
  judgement,
  now,
  record,
  refused,
  work,
  workPackage,
  worktree,
} from './samples.ts'

const claim: ActiveStep = { kind: 'claim', agent: ada }
const submit: ActiveStep = { kind: 'submit', agent: ada }
const resolve: ActiveStep = { kind: 'resolve' }
const reject: ActiveStep = { kind: 'reject', judgement: judgement('changes_requested') }

function applied(lane: Lane, more: Partial<WpRecord>, step: ActiveStep, outcome: Outcome) {
  return applyOutcome(workPackage(lane, more), step, outcome)
}

describe('what a person sees of a refusal', () => {
  it.each<readonly [RefusalReason, ActiveStep, Lane, Partial<WpRecord>, string]>([
    ['claimed-by-others', claim, 'planned', {}, 'the host says: its words'],
    ['no-lane-worktree', claim, 'planned', {}, 'the host could not make its lane worktree: its words'],
    ['move-rejected', claim, 'planned', {}, "the host refused 'claim' (ITS_CODE): its words"],
    ['other', submit, 'in_progress', {}, "the host refused 'submit' (ITS_CODE): its words"],
    [
      'move-rejected',
      submit,
      'in_progress',
      { hostRefusals: ['its words'] },
      'the host refused the work twice for the same reason: its words',
    ],
    [
      'move-rejected',
      submit,
      'in_progress',
      { hostRefusals: ['one', 'two'] },
      'the host refused the work 3 times, last: its words',
    ],
  ])('%s to %j in %s', (code, step, lane, more, reason) => {
    expect(applied(lane, more, step, refused(code, lane)).record.halt?.reason).toBe(reason)
  })

  it('the work that was refused was that of a failed attempt, with the words of the host', () => {
    const message = `unchecked\n${'T001 '.repeat(100)}`
    const attempts = [attempt(1), failed(2, 'crashed'), attempt(3, { role: 'review' })]
    const before = { attempts, work, hostRefusals: ['one'] }
    const { record: next } = applied('in_progress', before, submit, refused('move-rejected', 'in_progress', message))
    const told = next.attempts.find(({ number }) => number === 1)?.result
    expect(told).toMatchObject({ kind: 'failed', failure: { class: 'host-rejected' } })
    expect(told?.kind === 'failed' && told.failure.detail).toMatch(/^unchecked T001 .*…$/)
    expect(next.attempts.filter(({ number }) => number !== 1)).toEqual(attempts.slice(1))
  })
})

describe('a lane that is another after a refusal', () => {
  const theirs = (to: string) => ({ kind: 'left-alone', reason: `someone else moved it from planned to ${to}` })

  it.each<readonly [RefusalReason, Lane, object | null]>([
    ['other', 'claimed', null],
    ['other', 'in_progress', null],
    ['claimed-by-others', 'claimed', theirs('claimed')],
    ['claimed-by-others', 'in_progress', theirs('in_progress')],
  ])('by a claim: %s, found in %s', (code, lane, halt) => {
    const next = applied('planned', {}, claim, refused(code, lane))
    expect(next).toEqual(workPackage(lane, { halt: next.record.halt }))
    expect(next.record.halt).toEqual(halt)
  })

  it('is never ours where the step leads nowhere', () => {
    const next = applied('in_progress', {}, resolve, refused('other', 'for_review'))
    expect(next.record.halt?.reason).toBe('someone else moved it from in_progress to for_review')
  })

  it('is no halt of ours where someone blocked it', () => {
    const reason = 'someone else moved it from in_progress to blocked'
    const next = applied('in_progress', {}, submit, refused('other', 'blocked'))
    expect(next.record.halt).toEqual({ kind: 'left-alone', reason })
    expect(applied('in_review', {}, reject, { kind: 'moved', to: 'blocked' }).record.halt).toBeNull()
  })
})

describe('a step that leads to one of two lanes', () => {
  const approved = judgement('approved')
  const approve: ActiveStep = { kind: 'approve', judgement: approved }
  const block: ActiveStep = { kind: 'block', reason: 'enough', judgement: null }

  it.each<Lane>(['approved', 'done'])('is done when the WP is found %s', lane => {
    const next = applied('in_review', { judgement: approved }, approve, refused('other', lane))
    expect(next).toEqual(workPackage(lane, { judgement: approved }))
  })

  it('halts nothing when it did not lead to the lane of those that are halted', () => {
    expect(applied('in_review', {}, block, { kind: 'moved', to: 'in_review' }).record.halt).toBeNull()
  })
})

describe('an outcome that is not of its step', () => {
  it.each<readonly [string, Outcome]>([
    ['a commit', { kind: 'committed', head: 'new', tree: 'tree', changed: true }],
    ['checks', { kind: 'checked', results: [] }],
  ])('%s changes nothing', (_, outcome) => {
    const before = workPackage('in_progress', { work })
    expect(applyOutcome(before, resolve, outcome)).toBe(before)
  })
})

describe('the first commit of a WP', () => {
  const first = attempt(1, { headCommit: null, baseCommit: 'where it began' })
  const commit = (changed: boolean, more: Partial<WpRecord> = {}) =>
    applied(
      'in_progress',
      { attempts: [first], ...more },
      { kind: 'commit', attempt: first },
      { kind: 'committed', head: 'new', tree: 'tree of new', changed },
    ).record

  it.each([
    [{}, 'where it began'],
    [{ cycleBase: 'cycle' }, 'cycle'],
    [{ cycleBase: 'cycle', wpBase: 'wp' }, 'wp'],
  ])('is work from the earliest base that is known: %j', (more, baseCommit) => {
    expect(commit(true, more).work).toEqual({
      agent: ada,
      baseCommit,
      headCommit: 'new',
      tree: 'tree of new',
      checks: null,
    })
  })

  it('that changes nothing failed, in words of ours', () => {
    const failure = { class: 'no-change', detail: 'it reported success but changed nothing' }
    expect(commit(false).attempts).toEqual([{ ...first, headCommit: 'new', result: { kind: 'failed', failure } }])
  })
})

describe('a base', () => {
  it.each<readonly [string, Parameters<typeof beginAttempt>, readonly [string | null, string | null]]>([
    ['of the branch, reported', [record(), attempt(1), 'branch'], ['base', 'branch']],
    ['of the branch, known', [record({ wpBase: 'wp' }), attempt(1), 'branch'], ['base', 'wp']],
    ['of the cycle, known', [record({ cycleBase: 'cycle' }), attempt(1), null], ['cycle', 'base']],
    ['of a review, known', [record({ wpBase: 'wp' }), attempt(1, { role: 'review' }), 'branch'], [null, 'wp']],
    ['of a review, unknown', [record(), attempt(1, { role: 'review' }), null], [null, null]],
  ])('%s', (_, given, expected) => {
    const { cycleBase, wpBase } = beginAttempt(...given)
    expect([cycleBase, wpBase]).toEqual(expected)
  })
})

describe('checks that fail', () => {
  it('are of the last attempt that was believed in; trees of before stay refused', () => {
    const attempts = [attempt(1), attempt(2), failed(3, 'crashed'), attempt(4, { role: 'review' })]
    const earlier = { tree: 'old', cycle: 1, by: 'review' } as const
    const results = [{ command: `make ${'x'.repeat(500)}`, exitCode: 1, output: '', log: null }]
    const before = { attempts, work: { ...work, checks: null }, refusedTrees: [earlier], cycle: 2 }
    const step: ActiveStep = { kind: 'check', work: before.work }
    const { record: next } = applied('in_progress', before, step, { kind: 'checked', results })
    expect(next.refusedTrees).toEqual([earlier, { tree: 'tree', cycle: 2, by: 'checks' }])
    const kinds = next.attempts.toSorted((a, b) => a.number - b.number).map(({ result }) => result?.kind)
    expect(kinds).toEqual(['succeeded', 'failed', 'failed', 'succeeded'])
    const made = next.attempts.find(({ number }) => number === 2)?.result
    expect(made?.kind === 'failed' && made.failure.detail.length).toBe(300)
  })

  it('without an attempt that is known send the work back all the same', () => {
    const results = [{ command: 'make', exitCode: 1, output: '', log: null }]
    const { record: next } = applied(
      'in_progress',
      { work },
      { kind: 'check', work },
      {
        kind: 'checked',
        results,
      },
    )
    expect(next).toMatchObject({ work: null, attempts: [], feedback: { kind: 'checks' } })
  })
})

describe('a verdict that is void', () => {
  const voided = (...attempts: WpRecord['attempts']) =>
    applied('in_review', { attempts, judgement: judgement('approved') }, reject, {
      kind: 'verdict-void',
      reason: 'moved',
    }).record

  it('makes of the last review one without a verdict', () => {
    const earlier = attempt(1, { role: 'review' })
    const last = attempt(2, { role: 'review', agent: bob })
    const failure = { class: 'no-verdict', detail: 'moved' }
    expect(voided(earlier, last, attempt(3)).attempts).toEqual([
      earlier,
      attempt(3),
      { ...last, result: { kind: 'failed', failure } },
    ])
  })

  it.each([[[attempt(1)]], [[failed(1, 'crashed', { role: 'review' })]], [[]]])('and leaves %j', attempts => {
    const next = voided(...attempts)
    expect(next.attempts).toEqual(attempts)
    expect(next.judgement).toBeNull()
  })
})

describe('a rejection', () => {
  const rejected = judgement('changes_requested')
  const before = { judgement: rejected, earlierFindings: [{ ...finding, raised: 1 }], cycle: 4 }
  const earlier = { tree: 'old', cycle: 1, by: 'checks' } as const

  it('is remembered with its words, its tree, and how often it was said', () => {
    const { record: next } = applied('in_review', { ...before, work, refusedTrees: [earlier] }, reject, {
      kind: 'moved',
      to: 'in_progress',
    })
    expect(next).toEqual(
      record({
        cycle: 5,
        feedback: { kind: 'findings', reviewer: bob, summary: 'in short', findings: [finding] },
        earlierFindings: [{ ...finding, raised: 2 }],
        lastReviewed: 'head',
        refusedTrees: [earlier, { tree: 'tree', cycle: 4, by: 'review' }],
      }),
    )
  })

  it('brings its follow-ups to the next implementation, and keeps them', () => {
    const nit = { ...finding, severity: 'low', problem: 'a typo' } as const
    const old = { ...nit, problem: 'an older one' }
    const wp = workPackage('in_progress', { judgement: { ...rejected, followUps: [nit] }, followUps: [old] })
    expect(enterLane(wp).record).toMatchObject({
      feedback: { kind: 'findings', findings: [finding], followUps: [nit] },
      followUps: [old, nit],
      lastReviewed: 'head',
    })
    const none = workPackage('in_progress', { judgement: { ...rejected, followUps: [] } })
    expect(enterLane(none).record.feedback).not.toHaveProperty('followUps')
  })

  it('of work that is not known refuses no tree', () => {
    const wp = workPackage('in_progress', {
      ...before,
      refusedTrees: [earlier],
      halt: { kind: 'blocked', reason: 'x' },
    })
    expect(enterLane(wp).record).toMatchObject({ refusedTrees: [earlier], halt: null })
  })
})

describe('a lane that is entered', () => {
  it('leaves a record alone that agrees with it', () => {
    for (const wp of [
      workPackage('in_progress', { work }),
      workPackage('in_review', { judgement: judgement('approved') }),
      workPackage('blocked', { halt: { kind: 'blocked', reason: 'x' } }),
    ]) {
      expect(enterLane(wp)).toBe(wp)
    }
  })

  it('after an approval that someone took back begins a cycle without a message', () => {
    const approved = { judgement: judgement('approved'), work, cycle: 2, cycleBase: 'cycle', wpBase: 'wp' }
    const halt = { kind: 'left-alone', reason: 'x' } as const
    expect(enterLane(workPackage('in_progress', { ...approved, halt })).record).toEqual(
      record({ cycle: 3, wpBase: 'wp' }),
    )
  })

  it('after an approval that someone took back keeps its follow-ups, and nothing counts as seen', () => {
    const nit = { ...finding, severity: 'low', problem: 'a typo' } as const
    const approved = { judgement: { ...judgement('approved'), followUps: [nit] }, lastReviewed: 'old' }
    expect(enterLane(workPackage('in_progress', approved)).record).toMatchObject({
      lastReviewed: null,
      followUps: [nit],
    })
  })
})

it('a claim forgets what was before, and knows its branch', () => {
  const before = { work, judgement: judgement('approved'), hostRefusals: ['no'], cycle: 2 }
  expect(applied('planned', before, claim, { kind: 'claimed', worktree })).toEqual(
    workPackage('in_progress', { cycle: 2, laneBranch: 'kitty/lane-a' }),
  )
})

it('a retry keeps what was found, and counts it from nothing', () => {
  const before = record({
    work: null,
    refusedTrees: [{ tree: 'tree', cycle: 1, by: 'review' }],
    earlierFindings: [{ ...finding, raised: 2 }],
    attempts: [attempt(3), attempt(2)],
  })
  expect(withFreshCounters(before, now)).toEqual({
    ...before,
    refusedTrees: [],
    earlierFindings: [{ ...finding, raised: 0 }],
    retriedAfterCycle: 1,
    retriedAfterAttempt: 3,
    retriedAt: new Date(now).toISOString(),
  })
})
