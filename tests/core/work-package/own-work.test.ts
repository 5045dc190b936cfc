import { describe, expect, it } from 'vitest'
import { hasOwnChange, ownStretches, type TreeAt } from '../../../src/core/work-package/own-work.ts'
import type { WpRecord } from '../../../src/core/work-package/work-package.ts'
import { attempt, failed, record, wp } from '../samples.ts'

/** `b:t` is commit b with tree t, by itself a tree of its own; `*` marks a merge. The first is where it begins. */
function historyOf(text: string): readonly TreeAt[] {
  return text.split(' ').map(word => {
    const [commit = '', tree = commit] = word.replace('*', '').split(':')
    return { commit, tree, merge: word.startsWith('*') }
  })
}

/** `a-c`: an attempt from commit a to c; `a-?`: not known yet where it ends. */
function recordOf(id: string, spans: string): WpRecord {
  const attempts = spans.split(' ').map((span, index) => {
    const [baseCommit = '', end] = span.split('-')
    return attempt(index + 1, { baseCommit, headCommit: end === '?' || end === undefined ? null : end })
  })
  return { ...record({ attempts: spans === '' ? [] : attempts }), wpId: wp(id) }
}

function partsOf(history: string, own: string, other: string): string {
  return ownStretches(historyOf(history), recordOf('WP01', own), [recordOf('WP02', other)])
    .map(({ base, head }) => `${base.commit}..${head.commit}`)
    .join(' ')
}

describe("the parts of a lane that are a WP's own", () => {
  it.each([
    ['all of it, where no other WP was', 'a b c', 'a-b b-?', '', 'a..c'],
    ['nothing, where nothing was added', 'a', 'a-?', '', ''],
    ['nothing, where only the neighbour worked', 'a b c', '', 'a-c', ''],
    ['what came before and after the neighbour', 'a b c d e', 'a-b d-?', 'b-d', 'a..b d..e'],
    ['what came after it', 'a b c', 'b-?', 'a-b', 'b..c'],
    ['what came before it', 'a b c', 'a-b', 'b-c', 'a..b'],
    ['not what the neighbour began before this history', 'b c', 'b-?', 'a-b', 'b..c'],
    ['not where the neighbour ended after it: that is not in it', 'a b', 'a-b', 'b-z', 'a..b'],
    ['what a person added, wherever', 'a b c d', 'a-b', 'b-c', 'a..b c..d'],
    ['not the merges of the host', 'a *m b *n', 'm-b', '', 'm..b'],
    ['but merges that its own attempt made', 'a *m b', 'a-?', '', 'a..b'],
    [
      'not what the neighbour began later, and did before we knew where ours ended',
      'a b c d',
      'a-d',
      'b-c',
      'a..b c..d',
    ],
    ['also what it began later than the neighbour, whose end was not known at once', 'a b c', 'b-c', 'a-c', 'b..c'],
    ['also where the neighbour is running, whose end is not known', 'a b c', 'a-?', 'a-?', 'a..c'],
    ['not what an attempt of the neighbour rewrote: the last word counts', 'a x y', 'x-y', 'gone-x', 'x..y'],
  ])('%s', (_, history, own, other, expected) => {
    expect(partsOf(history, own, other)).toBe(expected)
  })

  it('do not depend on reviews, nor on attempts that left nothing', () => {
    const review = attempt(1, { role: 'review', baseCommit: 'a', headCommit: 'b' })
    const other = {
      ...record({ attempts: [review, failed(2, 'crashed', { baseCommit: 'b', headCommit: 'b' })] }),
      wpId: wp('WP02'),
    }
    const parts = ownStretches(historyOf('a b c'), recordOf('WP01', 'a-c'), [other])
    expect(parts.map(({ base, head }) => `${base.commit}..${head.commit}`)).toEqual(['a..c'])
  })

  it('are not yet what an attempt makes that still runs', () => {
    const running = attempt(1, { baseCommit: 'a', headCommit: null, result: null })
    expect(hasOwnChange(historyOf('a *m'), record({ attempts: [running] }), [])).toBe(false)
  })
})

describe('a change', () => {
  it.each([
    [true, 'a commit', 'a b', 'a-?', ''],
    [false, 'none', 'a', 'a-?', ''],
    [false, 'an empty commit', 'a:1 b:1', 'a-?', ''],
    [false, 'one that was taken back', 'a:1 b:2 c:1', 'a-?', ''],
    [false, 'that of a neighbour', 'a b', 'b-?', 'a-b'],
    [false, 'an empty commit on that of a neighbour', 'a:1 b:2 c:2', 'b-?', 'a-b'],
    [false, 'a merge by the host', 'a *m', 'm-?', ''],
    [true, 'a merge of its own', 'a *m', 'a-?', ''],
    [true, 'one before the neighbour, in an attempt that was cut off', 'a b c', 'a-b c-?', 'b-c'],
    [true, 'a lane that was set back', 'c:3 a:1', 'c-?', ''],
  ])('%s: %s', (expected, _, history, own, other) => {
    expect(hasOwnChange(historyOf(history), recordOf('WP01', own), [recordOf('WP02', other)])).toBe(expected)
  })
})
