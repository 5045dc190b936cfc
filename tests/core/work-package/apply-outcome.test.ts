import { describe, expect, it } from 'vitest'
import type { CheckResult } from '../../../src/core/gate/check-result.ts'
import { type Lane, laneName } from '../../../src/core/mission/lane.ts'
import { applyOutcome, beginAttempt, enterLane, withAttempt } from '../../../src/core/work-package/apply-outcome.ts'
import { afterCrash, wasCutOff } from '../../../src/core/work-package/cut-off.ts'
import { forNewRun, withFreshCounters } from '../../../src/core/work-package/fresh-start.ts'
import type { ActiveStep, Outcome } from '../../../src/core/work-package/step.ts'
import type { WpRecord } from '../../../src/core/work-package/work-package.ts'
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
  wp,
} from '../samples.ts'

const approved = judgement('approved')
const rejected = judgement('changes_requested')
const claim: ActiveStep = { kind: 'claim', agent: ada }
const submit: ActiveStep = { kind: 'submit', agent: ada }
const startReview: ActiveStep = { kind: 'start-review', agent: bob }
const review: ActiveStep = { kind: 'review', agent: bob }
const approve: ActiveStep = { kind: 'approve', judgement: approved }
const reject: ActiveStep = { kind: 'reject', judgement: rejected }
const block: ActiveStep = { kind: 'block', reason: 'enough', judgement: null }

function applied(lane: Lane, more: Partial<WpRecord>, step: ActiveStep, outcome: Outcome) {
  return applyOutcome(workPackage(lane, more), step, outcome)
}

describe('a move', () => {
  const cycleTwo = { cycle: 2, judgement: null, work: null, cycleBase: null, hostRefusals: [] }
  it.each([
    ['submit', 'in_progress', { work }, submit, 'for_review', { work }],
    ['start-review', 'for_review', { work }, startReview, 'in_review', { work }],
    ['approve', 'in_review', { judgement: approved }, approve, 'done', { judgement: approved, halt: null }],
    [
      'reject',
      'in_review',
      { judgement: rejected, work, hostRefusals: ['no'], cycleBase: 'base' },
      reject,
      'in_progress',
      { ...cycleTwo, earlierFindings: [finding], feedback: { kind: 'findings', reviewer: bob, findings: [finding] } },
    ],
    ['block', 'in_progress', {}, block, 'blocked', { halt: { kind: 'blocked', reason: 'enough' } }],
  ] as const)(
    '%s, reported or only seen after the reply was lost, is the same',
    (_, from, more, step, to, expected) => {
      const told = applied(from, more, step, { kind: 'moved', to })
      expect(told.lane).toBe(to)
      expect(told.record).toMatchObject(expected)
      expect(applied(from, more, step, refused('other', to))).toEqual(told)
      expect(applied(from, more, step, refused('move-rejected', to))).toEqual(told)
    },
  )

  it.each<readonly [string, Lane, Partial<WpRecord>, ActiveStep, readonly Lane[]]>([
    ['claim', 'planned', {}, claim, ['for_review', 'blocked', 'canceled', 'approved']],
    ['submit', 'in_progress', { work }, submit, ['planned', 'in_review', 'blocked', 'canceled', 'approved', 'done']],
    ['start-review', 'for_review', { work }, startReview, ['planned', 'in_progress', 'blocked', 'canceled', 'done']],
    ['approve', 'in_review', { work }, approve, ['planned', 'in_progress', 'for_review', 'blocked', 'canceled']],
    ['reject', 'in_review', { work }, reject, ['planned', 'for_review', 'blocked', 'canceled', 'approved', 'done']],
    ['block', 'in_review', { work }, block, ['planned', 'in_progress', 'canceled', 'approved', 'done']],
    ['an unknown lane', 'in_progress', { work }, submit, [{ unknown: 'frozen' }]],
  ])(
    'by someone else during %s leaves the WP to them, with the reason, and the record as it was',
    (_, from, more, step, to) => {
      for (const lane of to) {
        const reason = `someone else moved it from ${laneName(from)} to ${laneName(lane)}`
        const left = workPackage(lane, { ...more, halt: { kind: 'left-alone', reason } })
        for (const code of ['move-rejected', 'other', 'claimed-by-others'] as const) {
          expect(applied(from, more, step, refused(code, lane))).toEqual(left)
        }
      }
    },
  )
})

describe('a refusal that moved nothing', () => {
  const words = 'its words'
  it.each([
    ['claimed-by-others', claim, 'planned', {}, 'left-alone'],
    ['claimed-by-others', startReview, 'for_review', {}, 'left-alone'],
    ['no-lane-worktree', claim, 'planned', {}, 'blocked'],
    ['no-lane-worktree', submit, 'in_progress', { work }, 'left-alone'],
    ['move-rejected', claim, 'planned', {}, 'left-alone'],
    ['move-rejected', approve, 'in_review', { judgement: approved }, 'left-alone'],
    ['move-rejected', reject, 'in_review', { judgement: rejected }, 'left-alone'],
    ['move-rejected', block, 'in_review', {}, 'left-alone'],
    ['move-rejected', submit, 'in_progress', { work, hostRefusals: [words] }, 'blocked'],
    ['move-rejected', submit, 'in_progress', { work, hostRefusals: ['one', 'two'] }, 'blocked'],
    ['other', submit, 'in_progress', { work }, 'left-alone'],
    ['other', startReview, 'for_review', { work }, 'left-alone'],
    ['other', claim, 'planned', {}, 'left-alone'],
  ] as const)('%s to %j: %s %j ends in %s, in its words', (code, step, lane, more, kind) => {
    const { record: ended } = applied(lane, more, step, refused(code, lane))
    expect(ended.halt).toMatchObject({ kind, reason: expect.stringContaining(words) })
    expect(ended.halt?.pendingIn).toBe(kind === 'blocked' && step.kind === 'submit' ? lane : undefined)
    expect(ended).toEqual({ ...record(more), halt: ended.halt })
  })

  it('to block it does not hide why it was to be blocked', () => {
    const { record: ended } = applied('in_review', {}, block, refused('other', 'in_review'))
    expect(ended.halt?.reason).toBe(`${block.reason}; the host refused 'block' (ITS_CODE): ${words}`)
  })

  it.each([[[]], [['another reason']]])('of the work goes back to the agent, after %j', hostRefusals => {
    const { record: back } = applied(
      'in_progress',
      { work, hostRefusals },
      submit,
      refused('move-rejected', 'in_progress'),
    )
    expect(back).toMatchObject({
      work: null,
      halt: null,
      feedback: { kind: 'host-refusal', message: words },
      hostRefusals: [...hostRefusals, words],
    })
  })
})

describe('an attempt', () => {
  it('is in the record before its process is, and fixes where cycle and WP began, once', () => {
    const first = beginAttempt(record(), attempt(1, { baseCommit: 'one' }), null)
    expect(first).toMatchObject({ cycleBase: 'one', wpBase: 'one' })
    const second = beginAttempt(first, attempt(2, { baseCommit: 'two' }), null)
    expect(second).toMatchObject({ cycleBase: 'one', wpBase: 'one', attempts: [{ number: 1 }, { number: 2 }] })
    expect(beginAttempt(record({ wpBase: 'zero' }), attempt(1, { baseCommit: 'one' }), null).wpBase).toBe('zero')
  })

  it('of a review fixes only where the WP began', () => {
    const begun = beginAttempt(record(), attempt(1, { role: 'review', baseCommit: 'head' }), 'branch-point')
    expect(begun).toMatchObject({ cycleBase: null, wpBase: 'branch-point' })
  })

  it('takes the place of its earlier self', () => {
    const running = attempt(1, { result: null })
    expect(withAttempt(record({ attempts: [running] }), attempt(1)).attempts).toEqual([attempt(1)])
  })

  it('of a review brings its judgement or takes the old one away; of an implementation it leaves it', () => {
    const ended = (role: 'review' | 'implementation', verdict: typeof approved | null) => {
      const begun = record({ judgement: rejected })
      const outcome: Outcome = { kind: 'attempt-ended', begun, attempt: attempt(2, { role }), judgement: verdict }
      return applied('in_review', {}, review, outcome).record.judgement
    }
    expect(ended('review', approved)).toBe(approved)
    expect(ended('review', null)).toBeNull()
    expect(ended('implementation', null)).toBe(rejected)
  })
})

describe('a commit', () => {
  const succeeded = attempt(1, { headCommit: null, baseCommit: 'now' })
  const commit = (of: typeof succeeded): ActiveStep => ({ kind: 'commit', attempt: of })
  const committed = (head: string, changed = true, tree = `tree of ${head}`): Outcome => ({
    kind: 'committed',
    head,
    tree,
    changed,
  })

  it('beyond the base of the cycle is work, and answers the feedback', () => {
    const more = {
      attempts: [succeeded],
      cycleBase: 'cycle',
      wpBase: 'wp',
      feedback: { kind: 'host-refusal', message: 'm' },
    } as const
    const { record: next } = applied('in_progress', more, commit(succeeded), committed('new'))
    expect(next).toMatchObject({ work: { agent: ada, baseCommit: 'wp', headCommit: 'new' }, feedback: null })
    expect(next.attempts).toEqual([{ ...succeeded, headCommit: 'new' }])
  })

  it.each([
    ['that changed nothing', false, 'no-change'],
    ['that changed something', true, 'succeeded'],
  ])('%s: %s: %s', (_, changed, expected) => {
    const { record: next } = applied(
      'in_progress',
      { attempts: [succeeded] },
      commit(succeeded),
      committed('new', changed),
    )
    const result = next.attempts[0]?.result
    expect(result?.kind === 'failed' ? result.failure.class : result?.kind).toBe(expected)
    expect(next.work === null).toBe(expected === 'no-change')
  })

  it.each<readonly [string, WpRecord['refusedTrees'], boolean]>([
    ['no tree was sent back', [], false],
    ['another tree was', [{ tree: 'other', cycle: 1, by: 'review' }], false],
    ['this one was, by the review of the cycle before', [{ tree: 'same', cycle: 1, by: 'review' }], true],
    ['this one was, by the checks', [{ tree: 'same', cycle: 1, by: 'checks' }], true],
    [
      'this one was, and another since: there and back again',
      [
        { tree: 'same', cycle: 1, by: 'review' },
        { tree: 'other', cycle: 2, by: 'review' },
      ],
      true,
    ],
  ])('%s: a person is asked: %s', (_, refusedTrees, asked) => {
    const more = { attempts: [succeeded], refusedTrees, cycle: 3 }
    const { record: next } = applied('in_progress', more, commit(succeeded), committed('new', true, 'same'))
    const by = refusedTrees[0]?.by === 'checks' ? 'the checks' : 'the review'
    const reason = `its implementation is byte for byte the one that ${by} of cycle 1 rejected`
    expect(next.halt).toEqual(asked ? { kind: 'blocked', reason, pendingIn: 'in_progress' } : null)
    expect(next.work === null).toBe(asked)
    expect(next.attempts[0]?.result?.kind).toBe(asked ? 'failed' : 'succeeded')
  })

  it.each([
    ['failed', failed(1, 'timed-out', { headCommit: null })],
    ['interrupted', attempt(1, { result: { kind: 'interrupted' }, headCommit: null })],
    ['cut off', attempt(1, { result: null, headCommit: null })],
  ])('of one that %s is kept and is no work', (_, ended) => {
    const { record: next } = applied('in_progress', { attempts: [ended] }, commit(ended), committed('new'))
    expect(next.work).toBeNull()
    expect(next.attempts).toEqual([{ ...ended, headCommit: 'new' }])
  })
})

describe('checks', () => {
  const results = (...exitCodes: readonly (number | null)[]): readonly CheckResult[] =>
    exitCodes.map((exitCode, index) => ({ command: `check ${index + 1}`, exitCode, output: 'why', log: '/log' }))
  const unchecked = { ...work, checks: null }
  const check: ActiveStep = { kind: 'check', work: unchecked }
  const before = { work: unchecked, attempts: [attempt(1)] }

  it('that all pass stay with the work, for the reviewer', () => {
    const { record: next } = applied('in_progress', before, check, { kind: 'checked', results: results(0, 0) })
    expect(next).toEqual(record({ ...before, work: { ...work, checks: results(0, 0) } }))
  })

  it.each([
    ['one fails', results(0, 2), 'check 2: exit 2', results(0, 2).slice(1)],
    ['one was stopped', results(null), 'check 1: stopped', results(null)],
    ['two fail', results(1, 0, 3), 'check 1: exit 1; check 3: exit 3', results(1, 0, 3).filter(r => r.exitCode !== 0)],
  ])(
    '%s: the attempt failed, its words go back to the agent, and the tree is not taken again',
    (_, given, detail, told) => {
      const { record: next } = applied('in_progress', before, check, { kind: 'checked', results: given })
      expect(next).toMatchObject({
        work: null,
        feedback: { kind: 'checks', results: told },
        refusedTrees: [{ tree: 'tree', cycle: 1, by: 'checks' }],
        attempts: [{ result: { kind: 'failed', failure: { class: 'checks-failed', detail } } }],
      })
    },
  )
})

describe('the check of protected files', () => {
  it('that fails for the same change twice blocks the WP', () => {
    const detail = 'checks.protect: it changes protected files: a.sh'
    const result = { kind: 'failed', failure: { class: 'checks-failed', detail } } as const
    const unchecked = { ...work, checks: null }
    const before = { work: unchecked, attempts: [attempt(1, { result }), attempt(2)] }
    const reason = 'it changes protected files: a.sh'
    const results = [{ command: 'checks.protect', exitCode: 1, output: '', log: null, reason }]
    const { record: next } = applied(
      'in_progress',
      before,
      { kind: 'check', work: unchecked },
      { kind: 'checked', results },
    )
    expect(next.halt).toEqual({
      kind: 'blocked',
      reason: `the work was refused twice for the same reason: ${detail}`,
      pendingIn: 'in_progress',
    })
  })
})

describe('other outcomes', () => {
  it('claimed: a new beginning in the worktree', () => {
    const claimed = applied('planned', { work, judgement: approved }, claim, { kind: 'claimed', worktree })
    expect(claimed).toMatchObject({ lane: 'in_progress', worktree, record: { work: null, judgement: null } })
    expect(claimed.record.laneBranch).toBe('kitty/lane-a')
  })

  it('resolved: only the worktree becomes known', () => {
    const more = { work, judgement: approved }
    const outcome: Outcome = { kind: 'resolved', worktree }
    expect(applyOutcome(workPackage('in_review', more, null), { kind: 'resolve' }, outcome)).toEqual(
      workPackage('in_review', { ...more, laneBranch: 'kitty/lane-a' }),
    )
  })

  it.each<[string, Outcome]>([
    ['interrupted', { kind: 'interrupted' }],
    ['unanswered', { kind: 'unanswered', reason: 'locked' }],
  ])('%s: nothing', (_, outcome) => {
    const before = workPackage('in_progress', { work })
    expect(applyOutcome(before, submit, outcome)).toBe(before)
  })

  describe('worktree-in-use', () => {
    const inUse = (lane: Lane): Outcome => ({ kind: 'worktree-in-use', by: wp('WP02'), worktree, lane })
    const before = { work, judgement: approved }

    it('where the host has claimed it all the same: it begins, and its worktree is asked for later', () => {
      const { record: next, ...rest } = applyOutcome(workPackage('planned', before, null), claim, inUse('in_progress'))
      expect(rest).toMatchObject({ lane: 'in_progress', worktree: null })
      expect(next).toMatchObject({ work: null, judgement: null, laneBranch: 'kitty/lane-a' })
    })

    it.each<[string, Lane, ActiveStep, Lane]>([
      ['it is not claimed', 'planned', claim, 'planned'],
      ['it was in progress before', 'in_progress', { kind: 'resolve' }, 'in_progress'],
    ])('where %s: nothing', (_, lane, step, at) => {
      const wpBefore = workPackage(lane, before)
      expect(applyOutcome(wpBefore, step, inUse(at))).toBe(wpBefore)
    })
  })

  it('halted: the reason stands, the rest stays', () => {
    const halt = { kind: 'left-alone', reason: 'gone' } as const
    expect(applied('in_review', { work }, review, { kind: 'halted', halt })).toEqual(
      workPackage('in_review', { work, halt }),
    )
  })

  describe('halted for a person', () => {
    const halt = { kind: 'blocked', reason: 'gone' } as const
    it.each<[string, Lane, Partial<WpRecord>, ActiveStep, Outcome, WpRecord['halt']]>([
      [
        'is to be blocked in its lane',
        'in_review',
        {},
        review,
        { kind: 'halted', halt },
        { ...halt, pendingIn: 'in_review' },
      ],
      ['is not to be blocked before its claim', 'planned', {}, claim, { kind: 'halted', halt }, halt],
      ['is not to be blocked in an unknown lane', { unknown: 'frozen' }, {}, review, { kind: 'halted', halt }, halt],
      [
        'is not to be blocked again',
        'in_progress',
        {},
        block,
        { kind: 'moved', to: 'blocked' },
        { ...halt, reason: 'enough' },
      ],
      ['stays as it was', 'in_progress', { halt }, { kind: 'resolve' }, { kind: 'resolved', worktree }, halt],
      ['is over after a move', 'in_progress', { halt }, submit, { kind: 'moved', to: 'for_review' }, null],
    ])('%s', (_, lane, more, step, outcome, expected) => {
      expect(applied(lane, more, step, outcome).record.halt).toEqual(expected)
    })
  })

  it('verdict-void: no judgement, and the review counts as one without a verdict', () => {
    const attempts = [attempt(1), attempt(2, { role: 'review', agent: bob })]
    const { record: next } = applied('in_review', { judgement: approved, attempts }, approve, {
      kind: 'verdict-void',
      reason: 'moved',
    })
    expect(next.judgement).toBeNull()
    expect(next.attempts.map(({ result }) => result?.kind)).toEqual(['succeeded', 'failed'])
  })
})

describe('enterLane', () => {
  const confirmed = { commit: 'c', at: '2026-01-01T12:00:00.000Z', reason: null }
  it.each([
    ['in_progress', { confirmed, work }, { cycle: 2, confirmed: null, work: null }],
    ['in_progress', { judgement: rejected }, { cycle: 2, judgement: null, feedback: { kind: 'findings' } }],
    ['in_progress', { judgement: approved, work }, { cycle: 2, judgement: null, work: null, feedback: null }],
    ['in_progress', { halt: { kind: 'blocked', reason: 'x' } }, { cycle: 1, halt: null }],
    // The host was away when it was to block it.
    ['in_progress', { halt: { kind: 'blocked', reason: 'x', pendingIn: 'in_progress' } }, { halt: { reason: 'x' } }],
    ['for_review', { halt: { kind: 'blocked', reason: 'x', pendingIn: 'in_progress' } }, { halt: null }],
    ['planned', { halt: { kind: 'blocked', reason: 'x', pendingIn: 'in_progress' } }, { halt: null }],
    ['planned', { halt: { kind: 'left-alone', reason: 'x' } }, { halt: null }],
    ['in_review', { judgement: rejected }, { cycle: 1, judgement: rejected }],
    ['blocked', { halt: { kind: 'blocked', reason: 'x' } }, { halt: { reason: 'x' } }],
  ] as const)('%s with %j', (lane, more, expected) => {
    expect(enterLane(workPackage(lane, more)).record).toMatchObject(expected)
  })
})

describe('after the end of a run', () => {
  it('a crash makes attempts without an end interrupted ones, and is distinguished from an orderly stop', () => {
    const { attempts } = afterCrash(record({ attempts: [attempt(1), attempt(2, { result: null, endedAt: null })] }))
    expect(attempts.map(({ result }) => result?.kind)).toEqual(['succeeded', 'interrupted'])
    expect(attempts.map(wasCutOff)).toEqual([false, true])
    expect(wasCutOff(attempt(1, { result: { kind: 'interrupted' } }))).toBe(false)
  })

  it('fresh counters forget what was counted and keep what is known', () => {
    const halt = { kind: 'blocked', reason: 'x' } as const
    const before = record({ cycle: 3, attempts: [attempt(1), failed(7, 'crashed')], halt, hostRefusals: ['no'], work })
    expect(withFreshCounters(before, now)).toEqual({
      ...before,
      halt: null,
      hostRefusals: [],
      work: { ...work, checks: null },
      retriedAfterCycle: 3,
      retriedAfterAttempt: 7,
      retriedAt: new Date(now).toISOString(),
    })
    expect(forNewRun(before, now)).toEqual({ ...withFreshCounters(before, now), earlierAttempts: 7 })
    expect(withFreshCounters(record(), now).retriedAfterAttempt).toBe(0)
  })
})
