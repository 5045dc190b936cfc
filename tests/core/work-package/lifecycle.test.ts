import { describe, expect, it } from 'vitest'
import type { AgentFact } from '../../../src/core/agent/agent-choice.ts'
import { type Lane, lanes } from '../../../src/core/mission/lane.ts'
import { type LifecycleContext, nextStep, uncommitted } from '../../../src/core/work-package/lifecycle.ts'
import type { Step } from '../../../src/core/work-package/step.ts'
import type { WpRecord } from '../../../src/core/work-package/work-package.ts'
import {
  ada,
  attempt,
  bob,
  config,
  fact,
  failed,
  judgement,
  later,
  now,
  work,
  workPackage,
  worktree,
} from '../samples.ts'

const both = [fact(ada), fact(bob)]
const context = (agents: readonly AgentFact[] = both): LifecycleContext => ({
  config: config({ review: { max_cycles: 2 } }),
  agents: { implementation: agents, review: agents.toReversed() },
  now,
  ceiling: { implementation: null, review: null },
})

const blockedHalt = { kind: 'blocked', reason: 'enough' } as const
const leftAlone = { kind: 'left-alone', reason: 'not ours' } as const
const approved = judgement('approved')
const rejected = judgement('changes_requested')
const done = attempt(1)
const running = attempt(1, { result: null, headCommit: null, endedAt: null })
const second = { ...running, number: 2 }
const openReview = { ...second, role: 'review', agent: bob } as const
const interrupted = attempt(1, { result: { kind: 'interrupted' }, headCommit: null })
const succeeded = attempt(1, { headCommit: null })
const review = attempt(2, { role: 'review', agent: bob, headCommit: null })
const person = (reason: string): Step => ({ kind: 'finish', end: 'needs-person', reason })
const complete: Step = { kind: 'finish', end: 'complete' }

type Row = readonly [Lane, string, Partial<WpRecord>, Partial<Step>]

const rows: readonly Row[] = [
  ['planned', 'nothing yet', {}, { kind: 'claim', agent: ada }],
  ['planned', 'someone put it back after work of ours', { work, attempts: [done] }, { kind: 'claim', agent: ada }],
  ['planned', 'a blocking halt', { halt: blockedHalt }, { kind: 'block', reason: 'enough', judgement: null }],
  ['planned', 'it is not ours', { halt: leftAlone }, person('not ours')],
  ['planned', 'one agent failed for good', { attempts: [failed(1, 'refused')] }, { kind: 'claim', agent: bob }],
  ['claimed', 'we died in the claim', {}, { kind: 'claim', agent: ada }],
  ['claimed', 'someone else has it', { halt: leftAlone }, person('not ours')],
  ['claimed', 'a blocking halt', { halt: blockedHalt }, { kind: 'block', reason: 'enough' }],
  ['in_progress', 'nothing yet', {}, { kind: 'implement', agent: ada }],
  ['in_progress', 'an attempt is open', { attempts: [running] }, { kind: 'adopt', attempt: running }],
  ['in_progress', 'an attempt is open after others', { attempts: [done, second] }, { kind: 'adopt', attempt: second }],
  [
    'in_progress',
    'an attempt is open, and it is not ours',
    { attempts: [running], halt: leftAlone },
    person('not ours'),
  ],
  ['in_review', 'a review is open', { work, attempts: [done, openReview] }, { kind: 'adopt', attempt: openReview }],
  ['in_progress', 'an attempt succeeded', { attempts: [succeeded] }, { kind: 'commit', attempt: succeeded }],
  ['in_progress', 'an attempt was interrupted', { attempts: [interrupted] }, { kind: 'commit', attempt: interrupted }],
  [
    'in_progress',
    'an attempt failed and its leftovers are no commit',
    { attempts: [failed(1, 'crashed', { headCommit: null })] },
    { kind: 'commit' },
  ],
  [
    'in_progress',
    'a failed attempt is committed',
    { attempts: [failed(1, 'crashed')] },
    { kind: 'implement', agent: ada },
  ],
  ['in_progress', 'its only agent refused', { attempts: [failed(1, 'refused')] }, { kind: 'implement', agent: bob }],
  ['in_progress', 'work stands', { attempts: [done], work }, { kind: 'submit', agent: ada }],
  ['in_progress', 'work stands, by another agent', { work: { ...work, agent: bob } }, { kind: 'submit', agent: bob }],
  ['in_progress', 'leftovers before work', { attempts: [succeeded], work }, { kind: 'commit' }],
  ['in_progress', 'leftovers before a blocking halt', { attempts: [succeeded], halt: blockedHalt }, { kind: 'commit' }],
  ['in_progress', 'leftovers, but not ours', { attempts: [succeeded], halt: leftAlone }, person('not ours')],
  ['in_progress', 'a blocking halt', { halt: blockedHalt }, { kind: 'block', reason: 'enough' }],
  ['in_progress', 'a blocking halt goes before work', { halt: blockedHalt, work }, { kind: 'block' }],
  ['in_progress', 'the host refused the work', { attempts: [done], hostRefusals: ['no'] }, { kind: 'implement' }],
  ['in_progress', 'a review of before is not to be committed', { attempts: [done, review] }, { kind: 'implement' }],
  ['for_review', 'work stands', { attempts: [done], work }, { kind: 'start-review', agent: bob }],
  ['for_review', 'nothing is known of it', {}, { kind: 'start-review', agent: bob }],
  ['for_review', 'a blocking halt', { halt: blockedHalt }, { kind: 'block', reason: 'enough' }],
  ['for_review', 'it is not ours', { halt: leftAlone }, person('not ours')],
  ['in_review', 'work stands', { attempts: [done], work }, { kind: 'review', agent: bob }],
  ['in_review', 'nothing is known of it', {}, { kind: 'review', agent: bob }],
  ['in_review', 'approved', { judgement: approved }, { kind: 'approve', judgement: approved }],
  ['in_review', 'rejected', { judgement: rejected }, { kind: 'reject', judgement: rejected }],
  [
    'in_review',
    'rejected for the last time',
    { cycle: 2, judgement: rejected },
    { kind: 'block', judgement: rejected },
  ],
  [
    'in_review',
    'rejected again after a person said retry',
    { cycle: 3, retriedAfterCycle: 2, judgement: rejected },
    { kind: 'reject', judgement: rejected },
  ],
  ['in_review', 'approved in the last cycle', { cycle: 2, judgement: approved }, { kind: 'approve' }],
  ['in_review', 'a blocking halt', { halt: blockedHalt }, { kind: 'block', judgement: null }],
  ['in_review', 'a blocking halt goes before a verdict', { halt: blockedHalt, judgement: approved }, { kind: 'block' }],
  ['in_review', 'it is not ours', { halt: leftAlone, judgement: approved }, person('not ours')],
  [
    'in_review',
    'a reviewer without a verdict, twice',
    {
      attempts: [2, 3].map(number => failed(number, 'no-verdict', { role: 'review', agent: bob })),
    },
    { kind: 'review', agent: ada },
  ],
  [
    'in_review',
    'no reviewer left',
    { attempts: [ada, bob].map((agent, i) => failed(i + 2, 'refused', { role: 'review', agent })) },
    { kind: 'block', judgement: null },
  ],
  ['approved', 'whatever', { halt: leftAlone }, complete],
  ['done', 'whatever', { work }, complete],
  ['canceled', 'whatever', {}, complete],
  ['blocked', 'by us', { halt: blockedHalt }, person('enough')],
  ['blocked', 'by someone', {}, person('it is blocked, not by this run')],
  [
    { unknown: 'frozen' },
    'a newer host',
    {},
    person("its lane 'frozen' is unknown to this version of sko, which does not touch it"),
  ],
]

describe('nextStep', () => {
  it.each(rows)('%j, %s', (lane, _, more, expected) => {
    expect(nextStep(workPackage(lane, more), context())).toMatchObject(expected)
  })

  it('has rows for every lane', () => {
    expect(new Set(rows.flatMap(([lane]) => (typeof lane === 'string' ? lane : [])))).toEqual(new Set(lanes))
  })

  it.each(['in_progress', 'in_review'] as const)('asks for the worktree first, in %s', lane => {
    expect(nextStep(workPackage(lane, {}, null), context())).toEqual({ kind: 'resolve' })
    expect(nextStep(workPackage(lane, { halt: leftAlone }, null), context())).toEqual(person('not ours'))
  })

  it.each(['planned', 'claimed', 'for_review'] as const)('needs no worktree in %s', lane => {
    expect(nextStep(workPackage(lane, {}, null), context())).toEqual(nextStep(workPackage(lane), context()))
  })

  it.each([
    ['planned', 'implementation'],
    ['in_progress', 'implementation'],
    ['for_review', 'review'],
    ['in_review', 'review'],
  ] as const)('waits or blocks in %s as the agents of the %s are', (lane, role) => {
    const cooling = [fact(ada, { coolingUntil: later, coolingReason: 'limit' })]
    expect(nextStep(workPackage(lane), context(cooling))).toMatchObject({ kind: 'wait', until: later })
    const out = nextStep(workPackage(lane), context([fact(ada, { out: 'signed out' })]))
    expect(out).toMatchObject({ kind: 'block', judgement: null, reason: expect.stringContaining(role) })
  })

  it('finds the last implementation that ended without a commit', () => {
    const of = (...attempts: WpRecord['attempts']) => uncommitted(workPackage('in_progress', { attempts }, worktree))
    expect(of(done, succeeded)).toBe(succeeded)
    expect(of(running)).toBeUndefined()
    expect(of(review)).toBeUndefined()
    expect(of()).toBeUndefined()
  })
})
