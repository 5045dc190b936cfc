import { describe, expect, it } from 'vitest'
import { type KeptEntry, keptRef } from '../../../src/core/repository/kept.ts'
import { toPrune } from '../../../src/core/repository/prune.ts'

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
    ['a snapshot that is exactly as old as allowed', entry(1, { at: '2026-11-15T12:00:00.000Z' }), false, false],
    ['what was removed long ago', entry(1, { at: old, reason: 'removed' }), false, true],
  ] as const)('%s', (_, kept, isContained, pruned) => {
    const contained = new Set(isContained ? [kept.ref] : [])
    expect(toPrune([kept], { contained, days: 14, now })).toEqual(pruned ? [kept] : [])
  })
})
