import { describe, expect, it } from 'vitest'
import {
  differencesIn,
  type MainLook,
  namesOf,
  type Strayed,
  strayedReason,
  strayedSection,
} from '../../../src/core/repository/strayed.ts'

const look = (more: Partial<MainLook> = {}): MainLook => ({
  head: 'head',
  branch: 'work',
  files: new Map(),
  refs: new Map(),
  ...more,
})
const files = (entries: Readonly<Record<string, string>>) => ({ files: new Map(Object.entries(entries)) })
const refs = (entries: Readonly<Record<string, string>>, branch: string | null = 'work') => ({
  branch,
  refs: new Map(Object.entries(entries)),
})

describe('what differs between two looks at the main checkout', () => {
  it.each<[string, Partial<MainLook>, Partial<MainLook>, readonly string[], readonly string[], readonly string[]]>([
    ['nothing', files({ a: '1' }), files({ a: '1' }), [], [], []],
    ['a new file', {}, files({ a: '1' }), [], ['a'], []],
    ['a change that is gone', files({ a: '1' }), {}, [], ['a'], []],
    ['another content', files({ a: '1', b: '1' }), files({ a: '2', b: '1' }), [], ['a'], []],
    ['files in order, each once', files({ c: '1' }), files({ b: '1' }), ['c', 'a'], ['a', 'b', 'c'], []],
    ['a new tag', {}, refs({ 'refs/tags/v1': '1' }), [], [], ['refs/tags/v1']],
    ['a branch that is gone', refs({ 'refs/heads/topic': '1' }), {}, [], [], ['refs/heads/topic']],
    ['a ref that was moved', refs({ 'refs/tags/v1': '1' }), refs({ 'refs/tags/v1': '2' }), [], [], ['refs/tags/v1']],
    [
      'another branch that is checked out, without the two refs',
      refs({ 'refs/heads/topic': '1' }),
      refs({ 'refs/heads/work': '1', 'refs/tags/v1': '1' }, 'topic'),
      [],
      [],
      ['branch work -> topic', 'refs/tags/v1'],
    ],
    ['a detached HEAD', {}, { branch: null }, [], [], ['branch work -> (none)']],
    ['a branch after a detached HEAD', { branch: null }, {}, [], [], ['branch (none) -> work']],
  ])('%s', (_, before, after, committed, changedFiles, changedRefs) => {
    expect(differencesIn(look(before), look(after), committed)).toEqual({ files: changedFiles, refs: changedRefs })
  })
})

describe('names', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `f${index}`)
  it.each([
    [[], ''],
    [['a', 'b\nc'], 'a, b c'],
    [many(10), 'f0, f1, f2, f3, f4, f5, f6, f7, f8, f9'],
    [many(12), 'f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, and 2 more'],
  ])('%j are shown as %j', (names, text) => expect(namesOf(names)).toBe(text))
})

const strayed: Strayed = { main: '/repo', files: ['a.txt', 'b.txt'], refs: [], alone: true, kept: null }

it('ends the reason of an attempt that changed nothing where it should have', () => {
  expect(strayedReason(strayed)).toBe(
    '; meanwhile these files changed in the main checkout /repo, whether this agent or someone else changed them: a.txt, b.txt',
  )
  expect([undefined, { ...strayed, files: [] }].map(strayedReason)).toEqual(['', ''])
})

describe('what the next attempt reads', () => {
  const section = (others: string, copy: string) => `
## Files outside your worktree

While the last attempt on this work package ran${others}, these files changed in the main checkout, which is not where you
work: a.txt, b.txt

If they were meant for this work package, the changes went to /repo, not to your worktree /lane: make them again
in the worktree, and leave the main checkout as it is.${copy}
`
  it.each<[string, Strayed | undefined, string]>([
    ['nothing', undefined, ''],
    ['nothing about refs alone', { ...strayed, files: [], refs: ['refs/tags/v1'] }, ''],
    ['the files', strayed, section('', '')],
    ['that others ran too', { ...strayed, alone: false }, section(', and so did attempts on other work packages', '')],
    [
      'where a copy is',
      { ...strayed, kept: 'c0ffee' },
      section('', '\nA copy of them is in git: git show c0ffee:<file>'),
    ],
  ])('%s', (_, changed, text) => expect(strayedSection(changed, '/lane')).toBe(text))
})
