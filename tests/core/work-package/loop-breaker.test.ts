import { describe, expect, it } from 'vitest'
import type { Finding, RaisedFinding } from '../../../src/core/judgement/review.ts'
import {
  raisedAgain,
  repeatedFailures,
  repeatsItself,
  unresolvedFinding,
  whyLoopEnds,
} from '../../../src/core/work-package/loop-breaker.ts'
import type { Attempt } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, failed, finding } from '../samples.ts'

/** One attempt as a word: agent, what became of it, and `+` where it left a commit. */
type Told = readonly [agent: typeof ada, how: string]

const left = (commit: boolean): Partial<Attempt> => ({ headCommit: commit ? 'head' : 'base' })

function told(series: readonly Told[]): readonly Attempt[] {
  return series.map(([agent, how], index) => {
    const more = { agent, ...left(how.endsWith('+')) }
    const number = index + 1
    switch (how.replace('+', '')) {
      case 'works':
        return attempt(number, { ...more })
      case 'runs':
        return attempt(number, { ...more, result: null })
      case 'stopped':
        return attempt(number, { ...more, result: { kind: 'interrupted' } })
      case 'limit':
        return failed(number, 'usage-limit', more)
      case 'network':
        return failed(number, 'network', more)
      case 'refuses':
        return failed(number, 'refused', more)
      case 'says nothing':
        return failed(number, 'no-verdict', { ...more, role: 'review' })
      case 'is rejected':
        return failed(number, 'host-rejected', more)
      case 'stalls':
        return failed(number, 'stalled', more)
      case 'crashes otherwise':
        return crashed(number, 'out of memory', more)
      default:
        return crashed(number, `pid ${4000 + number} died after ${number} s`, more)
    }
  })
}

function crashed(number: number, detail: string, more: Partial<Attempt>): Attempt {
  return attempt(number, { ...more, result: { kind: 'failed', failure: { class: 'crashed', detail } } })
}

const a = (how: string): Told => [ada, how]
const b = (how: string): Told => [bob, how]

const goesOn = { ada: true, bob: true, ends: false }
const nextAgent = { ada: false, bob: true, ends: false }
const ends = { ada: false, bob: true, ends: true }

describe('the same failure in a row without progress', () => {
  it.each<readonly [string, readonly Told[], typeof goesOn]>([
    ['nothing was tried', [], goesOn],
    ['once', [a('crashes')], goesOn],
    ['twice by one agent, whatever the numbers in it: the next agent', [a('crashes'), a('crashes')], nextAgent],
    ['three times by one agent: a person', [a('crashes'), a('crashes'), a('crashes')], ends],
    ['once by each of two', [a('crashes'), b('crashes')], goesOn],
    ['three times, whichever command asked: a person', [a('crashes'), a('crashes'), b('crashes')], ends],
    ['twice, each time in other words', [a('crashes'), a('crashes otherwise')], goesOn],
    ['of another class', [a('crashes'), a('stalls')], goesOn],
    ['a third one differs', [a('crashes'), a('crashes'), a('stalls')], goesOn],
    ['and back again: only what is in a row counts', [a('crashes'), a('stalls'), a('crashes')], goesOn],
    ['with a success between them', [a('crashes'), a('works'), a('crashes')], goesOn],
    ['the last one succeeded', [a('crashes'), a('crashes'), a('works')], goesOn],
    ['the first left a commit', [a('crashes+'), a('crashes')], goesOn],
    ['the second left a commit', [a('crashes'), a('crashes+')], goesOn],
    ['the third left a commit', [a('crashes'), a('crashes'), b('crashes+')], goesOn],
    ['twice after a commit', [a('crashes+'), a('crashes'), a('crashes')], nextAgent],
    ['an interruption between them', [a('crashes'), a('stopped'), a('crashes')], nextAgent],
    ['an interruption after them', [a('crashes'), a('crashes'), a('stopped')], nextAgent],
    [
      'an interruption that left a commit: a crash of ours changes nothing',
      [a('crashes'), a('stopped+'), a('crashes')],
      nextAgent,
    ],
    ['a limit between them', [a('crashes'), a('limit'), a('crashes')], nextAgent],
    ['a limit that left a commit', [a('crashes'), a('limit+'), a('crashes')], goesOn],
    ['a network failure between them', [a('crashes'), a('network'), a('crashes')], nextAgent],
    ['limits alone', [a('limit'), a('limit'), a('limit'), a('limit')], goesOn],
    ['interruptions alone', [a('stopped'), a('stopped'), a('stopped')], goesOn],
    ['refusals, which have a bound of their own', [a('refuses'), b('refuses'), b('refuses')], goesOn],
    ['no verdict, which has a bound of its own', [a('says nothing'), a('says nothing'), b('says nothing')], goesOn],
    ['work that the host refused is progress', [a('crashes'), a('is rejected+'), a('crashes')], goesOn],
    ['one that still runs', [a('crashes'), a('crashes'), a('runs')], nextAgent],
  ])('%s', (_, series, expected) => {
    const repeated = repeatedFailures(told(series))
    const mayGoOn = { ada: !repeatsItself(ada, repeated), bob: !repeatsItself(bob, repeated) }
    expect({ ...mayGoOn, ends: whyLoopEnds(repeated) !== null }).toEqual(expected)
  })

  const numbers = (...attempts: readonly Attempt[]) => repeatedFailures(attempts).map(({ number }) => number)
  const inWords = (number: number, detail: string, more: Partial<Attempt> = {}) =>
    crashed(number, detail, { headCommit: 'base', ...more })

  it.each<readonly [string, readonly Attempt[], readonly number[]]>([
    ['those after others', [inWords(1, 'x'), inWords(2, 'y'), inWords(3, 'x'), inWords(4, 'x')], [3, 4]],
    ['numbers of any length', [inWords(1, 'after 9 s'), inWords(2, 'after 10 s')], [1, 2]],
    ['but not a number more', [inWords(1, 'step '), inWords(2, 'step 2')], [2]],
    ['those whose commits are not known', [1, 2].map(number => inWords(number, 'x', { headCommit: null })), [1, 2]],
    [
      'reviews, which leave none',
      [1, 2].map(number => inWords(number, 'x', { role: 'review', headCommit: 'h' })),
      [1, 2],
    ],
    [
      'none before a review that succeeded',
      [inWords(1, 'x', { role: 'review' }), attempt(2, { role: 'review', headCommit: null })],
      [],
    ],
  ])('are %s', (_, attempts, expected) => {
    expect(numbers(...attempts)).toEqual(expected)
  })

  it('tells a person how often, by whom and what', () => {
    expect(whyLoopEnds(repeatedFailures(told([a('crashes'), a('crashes'), b('crashes')])))).toBe(
      'the same failure 3 times in a row without progress (ada, bob): crashed: pid 4003 died after 3 s',
    )
  })
})

describe('a finding', () => {
  const again = (more: Partial<Finding>, earlier: readonly RaisedFinding[]) =>
    raisedAgain([{ ...finding, ...more }], earlier)[0]?.raised
  const once: readonly RaisedFinding[] = [{ ...finding, raised: 1 }]

  it.each<readonly [string, Partial<Finding>, number]>([
    ['the same', {}, 2],
    ['in another line', { line: 99 }, 2],
    ['in no line', { line: null }, 2],
    ['as severe as it may be', { severity: 'high' }, 2],
    ['with another remedy', { change: null }, 2],
    ['in other capitals', { problem: 'It IS Wrong' }, 2],
    ['with a word more', { problem: 'it is still wrong' }, 1],
    ['in the same words with other signs', { problem: '"It is  wrong"...' }, 2],
    ['in the same words with a number', { problem: 'It is wrong 17' }, 2],
    ['in words run together', { problem: 'itis wrong' }, 1],
    ['in another file', { file: 'b.ts' }, 1],
    ['in no file', { file: null }, 1],
    ['in other words', { problem: 'it is slow' }, 1],
  ])('%s', (_, more, raised) => {
    expect(again(more, once)).toBe(raised)
  })

  it('counts from one again after a verdict that did not raise it', () => {
    const first = raisedAgain([finding], [])
    const second = raisedAgain([{ ...finding, problem: 'it is slow' }], first)
    expect(raisedAgain([finding], second)).toEqual([{ ...finding, raised: 1 }])
  })

  it('in scripts without capitals is distinguished from another one', () => {
    expect(again({ problem: '間違っている' }, [{ ...finding, problem: '間違っている', raised: 1 }])).toBe(2)
    expect(again({ problem: '遅い' }, [{ ...finding, problem: '間違っている', raised: 1 }])).toBe(1)
  })

  it.each([
    [1, false],
    [2, false],
    [3, true],
    [4, true],
  ])('raised in %i verdicts in a row is unresolved: %s', (raised, unresolved) => {
    const one = { ...finding, raised }
    expect(unresolvedFinding([{ ...finding, problem: 'new', raised: 1 }, one])).toEqual(unresolved ? one : null)
  })
})
