import { describe, expect, it } from 'vitest'
import {
  findKept,
  inOrder,
  type KeptEntry,
  type KeptPlace,
  keptMessage,
  keptRef,
  parseKept,
  parseKeptRef,
} from '../../../src/core/repository/kept.ts'

function entry(place: Partial<KeptPlace>, over: Partial<KeptEntry> = {}): KeptEntry {
  const at = { runId: 'run-1', wpId: 'WP01', number: 1, ...place }
  const rest = { commit: 'c', at: '2026-11-29T11:00:00.000Z', reason: 'snapshot', why: 'w', worktree: null }
  return { ref: keptRef(at), ...at, ...rest, ...over }
}

describe('the ref of a copy', () => {
  it.each([
    ['refs/sko/kept/run-1/WP01/1', { runId: 'run-1', wpId: 'WP01', number: 1 }],
    ['refs/sko/kept/r/WP02/999999999', { runId: 'r', wpId: 'WP02', number: 999_999_999 }],
    ['refs/sko/kept/r/main/20', { runId: 'r', wpId: 'main', number: 20 }],
  ])('%s says where it is from', (ref, place) => {
    expect(parseKeptRef(ref)).toEqual(place)
    expect(keptRef(place)).toBe(ref)
  })

  it.each([
    '',
    'refs/heads/main',
    'refs/sko/kep/run/WP01/1',
    'refs/sko/kept/',
    'refs/sko/kept/run',
    'refs/sko/kept/run/WP01',
    'refs/sko/kept/run/WP1/1',
    'refs/sko/kept/run/other/1',
    'refs/sko/kept/run/WP01/0',
    'refs/sko/kept/run/WP01/01',
    'refs/sko/kept/run/WP01/1x',
    'refs/sko/kept/run/WP01/x1',
    'refs/sko/kept/run/WP01/x',
    'refs/sko/kept/run/WP01/1000000000',
    'refs/sko/kept/run/WP01/1/2',
    'refs/sko/kept//WP01/1',
    'refs/heads/kt/run/WP01/1',
  ])('%j is none of ours', ref => {
    expect(parseKeptRef(ref)).toBeNull()
    expect(parseKept({ ref, commit: 'c', at: 'now', message: 'm' })).toBeNull()
  })
})

describe('the message of a copy', () => {
  const written = { runId: 'r', wpId: 'WP01', reason: 'removed', why: 'a\nb', worktree: '/w: x' }
  const ref = 'refs/sko/kept/r/WP01/3'
  const read = (message: string) => parseKept({ ref, commit: 'c', at: 'now', message })

  it('is one of git, with trailers', () => {
    expect(keptMessage(written)).toBe(
      'WP01: a b\n\nSko-Run: r\nSko-WP: WP01\nSko-Reason: removed\nSko-Worktree: /w: x\n',
    )
  })

  it('is read back', () => {
    const place = { ref, runId: 'r', wpId: 'WP01', number: 3, commit: 'c', at: 'now' }
    expect(read(keptMessage(written))).toEqual({ ...place, reason: 'removed', why: 'a b', worktree: '/w: x' })
  })

  it.each([
    ['', { why: '', reason: 'unknown', worktree: null }],
    ['WP02: of another', { why: 'WP02: of another', reason: 'unknown', worktree: null }],
    ['Sko-Reason: in the subject', { why: 'Sko-Reason: in the subject', reason: 'unknown', worktree: null }],
    ['WP01: a\n\nSko-Reason:none\nSko-Reason: stash', { why: 'a', reason: 'stash', worktree: null }],
    ['WP01: a\n\nnot Sko-Worktree: /a\nSko-Worktree: /b', { why: 'a', worktree: '/b' }],
    [`WP01: ${'a'.repeat(300)}\n\nSko-Reason: ${'b'.repeat(99)}`, { why: /^a{199}…$/, reason: /^b{59}…$/ }],
  ])('may be by someone else: %j', (message, expected) => {
    const matched = Object.entries(expected).map(([key, value]) => [
      key,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ])
    expect(read(message)).toMatchObject({ wpId: 'WP01', ...Object.fromEntries(matched) })
  })
})

it('copies are in the order of their runs, then their WPs, then their numbers', () => {
  const inTurn = [
    entry({ runId: 'run-1', wpId: 'WP01', number: 9 }),
    entry({ runId: 'run-1', wpId: 'WP01', number: 10 }),
    entry({ runId: 'run-1', wpId: 'WP02', number: 1 }),
    entry({ runId: 'run-1', wpId: 'main', number: 1 }),
    entry({ runId: 'run-2', wpId: 'WP01', number: 2 }, { ref: 'a' }),
    entry({ runId: 'run-2', wpId: 'WP01', number: 2 }, { ref: 'b' }),
  ]
  expect(inOrder(inTurn.toReversed())).toEqual(inTurn)
  expect(inOrder(inTurn)).toEqual(inTurn)
})

describe('a copy is found', () => {
  const entries = [entry({ runId: 'run-2', number: 2 }), entry({ number: 1 }), entry({ number: 2 })]
  it.each([
    ['by its number in the latest run that has it', '2', 'refs/sko/kept/run-2/WP01/2'],
    ['by its number in an earlier run', '1', 'refs/sko/kept/run-1/WP01/1'],
    ['by its ref', 'refs/sko/kept/run-1/WP01/2', 'refs/sko/kept/run-1/WP01/2'],
    ['unless there is none', '3', undefined],
  ])('%s', (_, which, ref) => expect(findKept(entries, which)?.ref).toBe(ref))
})
