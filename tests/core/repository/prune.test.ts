import { describe, expect, it } from 'vitest'
import {
  findKept,
  type KeptEntry,
  keptMessage,
  keptRef,
  parseKept,
  parseKeptRef,
} from '../../../src/core/repository/kept.ts'
import { toPrune } from '../../../src/core/repository/prune.ts'
import { lostBetween, type TreeChange } from '../../../src/core/work-package/lost.ts'

const now = Date.parse('2026-11-29T12:00:00Z')

function entry(number: number, over: Partial<KeptEntry> = {}): KeptEntry {
  const place = { runId: 'run-1', wpId: 'WP01', number, ...over }
  const at = '2026-11-29T11:00:00.000Z'
  const rest = { commit: 'c', at, reason: 'snapshot', why: 'w', worktree: null }
  return { ref: keptRef(place), ...place, ...rest, ...over }
}

describe('pruning', () => {
  const old = '2026-11-01T00:00:00.000Z'
  it.each([
    ['a snapshot whose files are in commits', entry(1), true, true],
    ['a snapshot whose files are not', entry(1), false, false],
    ['what was removed, though its files are in commits', entry(1, { reason: 'removed' }), true, false],
    ['a stash entry', entry(1, { reason: 'stash' }), true, false],
    ['an old snapshot', entry(1, { at: old }), false, true],
    ['what was removed long ago', entry(1, { at: old, reason: 'removed' }), false, true],
  ] as const)('%s', (_, kept, isContained, pruned) => {
    const contained = new Set(isContained ? [kept.ref] : [])
    expect(toPrune([kept], { contained, days: 14, now })).toEqual(pruned ? [kept] : [])
  })
})

describe('the format of what is kept', () => {
  it.each([
    'refs/heads/main',
    'refs/sko/kept/run/WP1/1',
    'refs/sko/kept/run/WP01/0',
    'refs/sko/kept/run/WP01/1/2',
    'refs/sko/kept/run/WP01/x',
    'refs/sko/kept//WP01/1',
  ])('%s is none of ours', ref => expect(parseKeptRef(ref)).toBeNull())

  it('is read back, whatever stands in the message', () => {
    const message = keptMessage({ runId: 'r', wpId: 'WP01', reason: 'removed', why: 'a\nb', worktree: '/w: x' })
    const ref = 'refs/sko/kept/r/WP01/3'
    const read = parseKept({ ref, commit: 'c', at: 'now', message })
    expect(read).toMatchObject({ wpId: 'WP01', number: 3, reason: 'removed', why: 'a b', worktree: '/w: x' })
    expect(parseKept({ ref, commit: 'c', at: 'now', message: '' })).toMatchObject({ reason: 'unknown', worktree: null })
  })

  it('is found by its number in the latest run that has it, or by its ref', () => {
    const entries = [entry(2, { runId: 'run-2' }), entry(1), entry(2)]
    expect(findKept(entries, '2')).toMatchObject({ runId: 'run-2' })
    expect(findKept(entries, '1')).toMatchObject({ runId: 'run-1' })
    expect(findKept(entries, 'refs/sko/kept/run-1/WP01/2')).toMatchObject({ runId: 'run-1' })
    expect(findKept(entries, '3')).toBeNull()
  })
})

describe('what went away between two looks', () => {
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
  ] as const)('%s', (_, uncommitted, since, lost) => {
    expect(lostBetween({ uncommitted, since, committed })).toEqual(lost)
  })
})
