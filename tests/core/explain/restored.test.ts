import { describe, expect, it } from 'vitest'
import {
  type RecordedOutcome,
  type RecordedStep,
  type RecordedWp,
  recordedStep,
  recordedWp,
} from '../../../src/core/explain/recorded.ts'
import { restoredOutcome, restoredStep, restoredWp } from '../../../src/core/explain/restored.ts'
import type { ActiveStep, Step } from '../../../src/core/work-package/step.ts'
import { newRecord, type WpRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, finding, judgement, laneId, later, record, work, workPackage, wp } from '../samples.ts'

const recordedAttempt = {
  number: 3,
  role: 'implementation',
  cycle: 2,
  agent: ada,
  baseCommit: 'base',
  endedAt: '2026-01-01',
  headCommit: 'head',
  result: { kind: 'succeeded' },
} as const

const restoredAttempt = {
  ...recordedAttempt,
  startedAt: '',
  process: null,
  usage: null,
  lastWords: null,
  sessionId: null,
  resumedSession: null,
}

const rejection = {
  verdict: 'changes_requested',
  reviewer: bob,
  findings: [{ file: 'a.ts', problem: 'it is wrong' }],
} as const

const restoredFinding = { severity: 'medium', file: 'a.ts', line: null, problem: 'it is wrong', change: null }

const restoredRejection = {
  verdict: { verdict: 'changes_requested', summary: '', findings: [restoredFinding], checks: [] },
  reviewer: bob,
  reference: '',
  commit: '',
  shown: [],
}

const lane = { path: '', promptPath: '', laneId: 'lane-a', branch: '', baseRef: null }

describe('the record of a WP is restored', () => {
  it('as it was before its first attempt', () => {
    expect(restoredWp(recordedWp(record()))).toEqual(newRecord(wp('WP01')))
  })

  const full: RecordedWp = {
    wpId: wp('WP02'),
    cycle: 3,
    attempts: [recordedAttempt],
    work: { agent: ada, tree: 'tree', checked: true },
    judgement: rejection,
    confirmed: true,
    earlierFindings: [{ file: null, problem: 'it is slow', raised: 2 }],
    refusedTrees: [{ tree: 'tree', cycle: 2, by: 'review' }],
    hostRefusals: ['subtasks are open'],
    retriedAfterAttempt: 2,
    retriedAfterCycle: 1,
    retriedAt: '2026-01-02',
    halt: { kind: 'blocked', reason: 'it went wrong' },
  }

  it('with all that decisions depend on; the rest is empty', () => {
    expect(restoredWp(full)).toEqual({
      ...newRecord(wp('WP02')),
      cycle: 3,
      attempts: [restoredAttempt],
      work: { agent: ada, baseCommit: '', headCommit: '', tree: 'tree', checked: true, checks: [] },
      judgement: restoredRejection,
      confirmed: { commit: '', at: '', reason: null },
      earlierFindings: [{ ...restoredFinding, file: null, problem: 'it is slow', raised: 2 }],
      refusedTrees: [{ tree: 'tree', cycle: 2, by: 'review' }],
      hostRefusals: ['subtasks are open'],
      retriedAfterAttempt: 2,
      retriedAfterCycle: 1,
      retriedAt: '2026-01-02',
      halt: { kind: 'blocked', reason: 'it went wrong' },
    })
  })

  it('with work that is still to be checked', () => {
    expect(restoredWp({ ...full, work: { agent: ada, tree: 'tree', checked: false } }).work?.checks).toBeNull()
  })

  it('so that it would be recorded as before', () => {
    expect(recordedWp(restoredWp(full))).toEqual(full)
  })
})

describe('a step is restored', () => {
  const known = { attempts: [attempt(1), attempt(2)], work, judgement: judgement('approved') }
  const before = judgement('approved')
  const steps: readonly (readonly [ActiveStep, Partial<WpRecord>])[] = [
    [{ kind: 'claim', agent: ada }, {}],
    [{ kind: 'implement', agent: bob }, {}],
    [{ kind: 'submit', agent: ada }, {}],
    [{ kind: 'start-review', agent: bob }, {}],
    [{ kind: 'review', agent: bob }, {}],
    [{ kind: 'resolve' }, {}],
    [{ kind: 'adopt', attempt: attempt(2) }, known],
    [{ kind: 'commit', attempt: attempt(1) }, known],
    [{ kind: 'check', work }, known],
    [{ kind: 'approve', judgement: before }, known],
    [{ kind: 'reject', judgement: before }, known],
    [{ kind: 'block', reason: 'no agent can do it', judgement: null }, {}],
    [{ kind: 'block', reason: 'no agent can do it', judgement: before }, known],
  ]
  it.each(steps.map(([step, wpRecord]) => ({ step, wpRecord })))('$step.kind', ({ step, wpRecord }) => {
    expect(restoredStep(recordedStep(step), workPackage('in_progress', wpRecord))).toEqual(step)
  })

  it('with no reason where an older record has none', () => {
    const step: RecordedStep = { ...recordedStep({ kind: 'block', reason: '', judgement: null }), reason: null }
    expect(restoredStep(step, workPackage('in_progress'))).toEqual({ kind: 'block', reason: '', judgement: null })
  })

  it.each<readonly [string, Step]>([
    ['its attempt', { kind: 'adopt', attempt: attempt(3) }],
    ['what is to be committed', { kind: 'commit', attempt: attempt(3) }],
    ['the work to check', { kind: 'check', work }],
    ['the verdict that approves', { kind: 'approve', judgement: before }],
    ['the verdict that rejects', { kind: 'reject', judgement: before }],
  ])('not where the WP does not have %s', (_, step) => {
    const others = { attempts: [attempt(1), attempt(2)] }
    expect(restoredStep(recordedStep(step), workPackage('in_progress', others))).toBeNull()
  })

  it.each(['claim', 'implement', 'submit', 'start-review', 'review'] as const)('not %s by no agent', kind => {
    const step = { ...recordedStep({ kind: 'resolve' }), kind }
    expect(restoredStep(step, workPackage('in_progress'))).toBeNull()
  })

  it.each<Step>([
    { kind: 'wait', until: later, reason: 'rate-limit' },
    { kind: 'finish', end: 'complete' },
  ])('not where nothing is done: $kind', step => {
    expect(restoredStep(recordedStep(step), workPackage('in_progress', known))).toBeNull()
  })
})

describe('an outcome is restored', () => {
  const begun = workPackage('in_progress', { cycle: 2, earlierFindings: [{ ...finding, raised: 1 }] })
  const check = { command: 'npm test', exitCode: 0, stopped: null, reason: null }
  const restoredCheck = { command: 'npm test', exitCode: 0, output: '', log: null }
  const outcomes: readonly (readonly [RecordedOutcome, Record<string, unknown>])[] = [
    [{ kind: 'claimed', laneId: laneId('lane-a') }, { worktree: lane }],
    [{ kind: 'resolved', laneId: laneId('lane-a') }, { worktree: lane }],
    [
      { kind: 'attempt-ended', attempt: recordedAttempt, judgement: null },
      { begun: begun.record, attempt: restoredAttempt, judgement: null },
    ],
    [
      { kind: 'attempt-ended', attempt: { ...recordedAttempt, role: 'review' }, judgement: rejection },
      { begun: begun.record, attempt: { ...restoredAttempt, role: 'review' }, judgement: restoredRejection },
    ],
    [{ kind: 'checked', results: [check] }, { results: [restoredCheck] }],
    [
      { kind: 'checked', results: [{ ...check, exitCode: null, stopped: 'it took 10 m' }] },
      { results: [{ ...restoredCheck, exitCode: null, stopped: 'it took 10 m' }] },
    ],
    [
      { kind: 'checked', results: [{ ...check, exitCode: 1, reason: 'a file is not its own' }] },
      { results: [{ ...restoredCheck, exitCode: 1, reason: 'a file is not its own' }] },
    ],
    [
      { kind: 'worktree-in-use', by: wp('WP02'), laneId: laneId('lane-a'), lane: 'in_progress' },
      { by: 'WP02', laneId: 'lane-a', lane: 'in_progress', worktree: lane },
    ],
    [
      { kind: 'committed', head: 'head', tree: 'tree', changed: true },
      { head: 'head', tree: 'tree', changed: true },
    ],
    [{ kind: 'moved', to: 'done' }, { to: 'done' }],
    [{ kind: 'unanswered', reason: 'a lock' }, { reason: 'a lock' }],
    [{ kind: 'interrupted' }, {}],
  ]
  it.each(outcomes.map(([outcome, restored]) => ({ outcome, restored })))('$outcome.kind', ({ outcome, restored }) => {
    // Strictly: a check that was not stopped has no such field.
    expect(restoredOutcome(outcome, begun)).toStrictEqual({ kind: outcome.kind, ...restored })
  })
})
