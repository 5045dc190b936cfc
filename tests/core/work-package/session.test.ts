import { describe, expect, it } from 'vitest'
import { type FailureClass, failureClasses } from '../../../src/core/agent/failure.ts'
import { ownUsage, sessionToResume } from '../../../src/core/work-package/session.ts'
import type { Attempt, Usage } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, failed, record } from '../samples.ts'

const interrupted = { kind: 'interrupted' } as const

/** Attempts of Ada's in one session, unless said; the session that her next one resumes. */
const next = (...attempts: readonly Attempt[]) => sessionToResume(record({ attempts }), ada)
const inS = { sessionId: 's' }
const resumedS = { sessionId: 's', resumedSession: 's' }

/** After a first attempt in a session, and after one that had continued it. */
const afterFailure: Readonly<Record<FailureClass, readonly [first: string | null, resumed: string | null]>> = {
  'usage-limit': ['s', 's'],
  'rate-limit': ['s', 's'],
  overloaded: ['s', 's'],
  network: ['s', 's'],
  auth: [null, null],
  billing: [null, null],
  'missing-binary': [null, null],
  'bad-invocation': [null, null],
  'timed-out': ['s', 's'],
  stalled: ['s', null],
  'output-limit': ['s', null],
  'context-exceeded': [null, null],
  'max-turns': ['s', 's'],
  'no-change': ['s', null],
  'no-verdict': ['s', 's'],
  'agent-error': [null, null],
  crashed: ['s', null],
  refused: [null, null],
  'checks-failed': ['s', 's'],
  'host-rejected': ['s', 's'],
}

describe('sessionToResume', () => {
  it.each(failureClasses)('after %s', name => {
    const [first, resumed] = afterFailure[name]
    expect(next(failed(1, name, inS))).toBe(first)
    expect(next(attempt(1, inS), failed(2, name, resumedS))).toBe(resumed)
  })

  it.each<[string, readonly Attempt[], string | null]>([
    ['nothing was done yet', [], null],
    ['the last one named no session', [attempt(1)], null],
    ['it succeeded, and was sent back', [attempt(1, inS)], 's'],
    ['a reviewer looked at it in between', [attempt(1, inS), attempt(2, { role: 'review', sessionId: 'r' })], 's'],
    ['the same agent reviewed in between', [attempt(1, inS), failed(2, 'stalled', { role: 'review' })], 's'],
    ['another cycle began', [attempt(1, inS), attempt(2, { ...resumedS, cycle: 2 })], 's'],
    ['it went on, and started over', [attempt(1, inS), attempt(2, { sessionId: 't' })], 't'],
    ['another agent worked on it since', [attempt(1, inS), attempt(2, { agent: bob, sessionId: 't' })], null],
    ['another agent failed at it since', [attempt(1, inS), failed(2, 'stalled', { agent: bob })], null],
    [
      'it came back after another agent',
      [attempt(1, inS), attempt(2, { agent: bob }), attempt(3, { sessionId: 't' })],
      't',
    ],
    ['we stopped it', [attempt(1, { ...inS, result: interrupted })], 's'],
    ['its end is not known', [attempt(1, { ...inS, result: null })], 's'],
    ['we died while it ran', [attempt(1, { result: interrupted })], null],
    ['we died while it went on', [attempt(1, inS), attempt(2, { resumedSession: 's', result: interrupted })], 's'],
    ['it timed out before it named it', [attempt(1, inS), failed(2, 'timed-out', { resumedSession: 's' })], 's'],
    ['its session was not found', [attempt(1, inS), failed(2, 'agent-error', { resumedSession: 's' })], null],
    [
      'it started over after that',
      [attempt(1, inS), failed(2, 'agent-error', { resumedSession: 's' }), failed(3, 'stalled', { sessionId: 't' })],
      't',
    ],
  ])('when %s', (_, attempts, expected) => expect(next(...attempts)).toBe(expected))
})

const usage = (inputTokens: number | null, outputTokens: number | null, costUsd: number | null): Usage => ({
  inputTokens,
  outputTokens,
  costUsd,
})

/** What the attempts of a WP are counted with, when each says this, and that it was in this session. */
function counted(
  cumulative: readonly (keyof Usage)[],
  ...reports: readonly (readonly [sessionId: string | null, usage: Usage | null])[]
): readonly (Usage | null)[] {
  const attempts: Attempt[] = []
  for (const [sessionId, reported] of reports) {
    const own = ownUsage(reported, sessionId, record({ attempts }), cumulative)
    attempts.push(attempt(attempts.length + 1, { sessionId, usage: own }))
  }
  return attempts.map(({ usage: own }) => own)
}

describe('ownUsage', () => {
  it('counts a session of Claude Code once that was continued twice', () => {
    const dollars = counted(['costUsd'], ['s', usage(200, 40, 1)], ['s', usage(100, 20, 1.5)], ['s', usage(300, 60, 3)])
    expect(dollars).toEqual([usage(200, 40, 1), usage(100, 20, 0.5), usage(300, 60, 1.5)])
  })

  it('counts with the next one what a stopped one could not tell', () => {
    const told = counted(['costUsd'], ['s', usage(200, 40, 1)], ['s', null], ['s', usage(100, 20, 2.5)])
    expect(told).toEqual([usage(200, 40, 1), null, usage(100, 20, 1.5)])
  })

  it('counts nothing for one that failed before it asked, and continues from there', () => {
    const told = counted(
      ['inputTokens', 'outputTokens'],
      ['s', usage(200, 40, null)],
      ['s', usage(200, 40, null)],
      ['s', usage(500, 90, null)],
    )
    expect(told).toEqual([usage(200, 40, null), usage(0, 0, null), usage(300, 50, null)])
  })

  it('never counts less than nothing where a stopped one is not in the total', () => {
    expect(counted(['costUsd'], ['s', usage(1, 1, 2)], ['s', usage(1, 1, 0)])).toEqual([usage(1, 1, 2), usage(1, 1, 0)])
  })

  it('keeps sessions apart, whichever agent ran in between', () => {
    const told = counted(['costUsd'], ['s', usage(1, 1, 1)], ['r', usage(1, 1, 1)], ['s', usage(1, 1, 1.25)])
    expect(told.map(own => own?.costUsd)).toEqual([1, 1, 0.25])
  })

  it.each<[string, readonly (keyof Usage)[], string | null]>([
    ['each run is reported by itself', [], 's'],
    ['no session is known', ['inputTokens', 'outputTokens', 'costUsd'], null],
  ])('takes what is reported where %s', (_, cumulative, session) => {
    const reports = [[session, usage(9, 9, 9)] as const, [session, usage(5, 5, 5)] as const]
    expect(counted(cumulative, ...reports)).toEqual([usage(9, 9, 9), usage(5, 5, 5)])
  })

  it('leaves unknown what is not reported', () => {
    const told = counted(['inputTokens', 'costUsd'], ['s', usage(9, null, 1)], ['s', usage(null, 5, null)], ['s', null])
    expect(told).toEqual([usage(9, null, 1), usage(null, 5, null), null])
  })
})
