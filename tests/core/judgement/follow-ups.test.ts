import { expect, it } from 'vitest'
import { findingLine, followUpsOf, shortFollowUps } from '../../../src/core/judgement/follow-ups.ts'
import type { Finding } from '../../../src/core/judgement/review.ts'
import { finding, judgement } from '../samples.ts'

const nit = (problem: string, more: Partial<Finding> = {}): Finding => ({
  ...finding,
  severity: 'low',
  problem,
  ...more,
})
const [one, two, three] = [nit('one'), nit('two'), nit('three')]

it('are those of all reviews, each once', () => {
  const approved = { ...judgement('approved'), followUps: [nit('Two!', { line: 9 }), three] }
  expect(followUpsOf({ followUps: [], judgement: null })).toEqual([])
  expect(followUpsOf({ followUps: [one, two], judgement: null })).toEqual([one, two])
  expect(followUpsOf({ followUps: [one, two], judgement: judgement('approved') })).toEqual([one, two])
  expect(followUpsOf({ followUps: [one, two], judgement: approved })).toEqual([one, two, three])
})

it('are not what blocks now', () => {
  const again = nit(finding.problem)
  const rejected = { ...judgement('changes_requested'), followUps: [two] }
  expect(followUpsOf({ followUps: [again, one], judgement: rejected })).toEqual([one, two])
  // The findings of an approval are its follow-ups.
  const verdict = { ...rejected.verdict, verdict: 'approved' } as const
  expect(followUpsOf({ followUps: [again], judgement: { ...rejected, verdict } })).toEqual([again, two])
})

it('are the first fifty', () => {
  const many = Array.from({ length: 60 }, (_, n) => nit('x'.repeat(n + 1)))
  expect(followUpsOf({ followUps: many, judgement: null })).toEqual(many.slice(0, 50))
})

it('are short in a list', () => {
  const long = 'word '.repeat(100)
  const [short] = shortFollowUps({ followUps: [nit(long, { change: long })], judgement: null })
  expect(short?.problem).toHaveLength(300)
  expect(short?.change).toHaveLength(300)
  expect(shortFollowUps({ followUps: [nit('one', { change: null })], judgement: null })).toEqual([
    nit('one', { change: null }),
  ])
})

it.each([
  [nit('p'), '[low] a.ts:3 p'],
  [nit('p', { line: null }), '[low] a.ts p'],
  [nit('p', { file: null, severity: 'high' }), '[high] p'],
])('%j in a line', (given, line) => {
  expect(findingLine(given)).toBe(line)
})
