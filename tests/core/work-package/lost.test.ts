import { describe, expect, it } from 'vitest'
import { someOf } from '../../../src/core/format.ts'
import { lostBetween, type TreeChange } from '../../../src/core/work-package/lost.ts'

describe('what was lost between two looks', () => {
  const none = '0'
  const change = (path: string, before: string, after: string): TreeChange => ({
    ...{ path, before, after, mode: '100644' },
    kind: before === none ? 'added' : after === none ? 'removed' : 'modified',
  })
  const committed = new Set(['committed'])
  it.each([
    ['a new file that was removed', [change('a', none, 'new')], [change('a', 'new', none)], ['a']],
    ['an edit that was put back', [change('a', 'head', 'edit')], [change('a', 'edit', 'head')], ['a']],
    ['an edited file that was removed', [change('a', 'head', 'edit')], [change('a', 'edit', none)], ['a']],
    ['a further edit', [change('a', 'head', 'edit')], [change('a', 'edit', 'edit 2')], []],
    ['a file of HEAD that was removed', [], [change('a', 'head', none)], []],
    ['a rename', [change('a', none, 'new')], [change('a', 'new', none), change('b', none, 'new')], []],
    ['what was committed, then removed', [change('a', none, 'committed')], [change('a', 'committed', none)], []],
    ['a new file', [], [change('a', none, 'new')], []],
    [
      'a file with the content that is kept elsewhere',
      [change('a', none, 'x')],
      [change('a', 'x', none), change('b', 'y', 'x')],
      ['a'],
    ],
    ['a later edit that was removed', [change('a', 'head', 'edit')], [change('a', 'edit 2', none)], []],
    ['a new file in place of a removed one', [change('a', 'head', none)], [change('a', none, 'head')], []],
  ] as const)('%s', (_, uncommitted, since, lost) => {
    expect(lostBetween({ uncommitted, since, committed })).toEqual(lost)
  })
})

it.each([
  [[], ''],
  [['a', 'b', 'c'], 'a, b, c'],
  [['a', 'b', 'c', 'd', 'e'], 'a, b, c and 2 more'],
])('some of %j are %j', (names, text) => expect(someOf(names)).toBe(text))

it('some are as many as asked for', () => expect(someOf(['a', 'b', 'c'], 1)).toBe('a and 2 more'))
