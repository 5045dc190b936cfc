import { describe, expect, it } from 'vitest'
import { fileChanges } from '../../../../src/core/judgement/dilution/file-change.ts'
import { withoutMoved } from '../../../../src/core/judgement/dilution/moved-lines.ts'
import { change } from './patches.ts'

const numbered = (texts: readonly string[]) => texts.map((text, index) => ({ line: index + 1, text }))

describe('lines that were only moved', () => {
  it.each<[string, string[], string[], string[], string[]]>([
    ['are left out', ['a', 'b'], ['b', 'c'], ['a'], ['c']],
    ['whatever their indentation and the comma at their end', ['  a,', 'b'], ['a', '\tb,'], [], []],
    ['but not with a comma elsewhere', ['f(a, b)'], ['f(a b)'], ['f(a, b)'], ['f(a b)']],
    ['each once', ['a'], ['a', 'a'], [], ['a']],
    ['each once, the other way', ['a', 'a', 'a'], ['a'], ['a', 'a'], []],
    ['and blank lines with them', ['', '  '], ['', ',', '\t'], [], []],
  ])('%s', (_, removed, added, leftRemoved, leftAdded) => {
    const [file] = fileChanges(
      [change('a', 'modified')],
      [{ path: 'a', from: null, removed: numbered(removed), added: numbered(added) }],
    )
    const [remaining] = withoutMoved(file ? [file] : [])
    expect(remaining?.left.removed.map(({ text }) => text)).toEqual(leftRemoved)
    expect(remaining?.left.added.map(({ text }) => text)).toEqual(leftAdded)
  })
})

describe('changed files', () => {
  const none = '0'.repeat(40)
  const of = (path: string, kind: 'added' | 'modified' | 'removed', before: string, after: string) => {
    return { path, kind, mode: '100644', before, after }
  }
  const places = (changes: Parameters<typeof fileChanges>[0], patched: Parameters<typeof fileChanges>[1] = []) =>
    fileChanges(changes, patched).map(({ path, movedTo, movedFrom, lines }) => [path, movedTo, movedFrom, lines])

  it('are moved where the same content is added elsewhere', () => {
    expect(places([of('a', 'removed', 'x', none), of('b', 'added', none, 'x')])).toEqual([
      ['a', 'b', null, { removed: [], added: [] }],
      ['b', null, 'a', null],
    ])
  })

  it('are not moved to a file that was there, nor from one that stays', () => {
    expect(places([of('a', 'removed', 'x', none), of('b', 'modified', 'y', 'x')])).toEqual([
      ['a', null, null, null],
      ['b', null, null, null],
    ])
    expect(places([of('a', 'modified', 'x', 'y'), of('b', 'added', none, 'x')])).toEqual([
      ['a', null, null, null],
      ['b', null, null, null],
    ])
  })

  it('are moved where git says so', () => {
    const [removed, added] = [numbered(['r']), numbered(['a'])]
    const patched = [{ path: 'b', from: 'a', removed, added }]
    const changes = [of('a', 'removed', 'x', none), of('b', 'added', none, 'y'), of('c', 'added', none, 'x')]
    expect(places(changes, patched)).toEqual([
      ['a', 'b', null, { removed: [], added: [] }],
      ['b', null, 'a', { removed, added }],
      ['c', null, null, null],
    ])
  })
})
