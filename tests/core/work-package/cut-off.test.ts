import { expect, it } from 'vitest'
import { afterCrash, mayHaveLeft, wasCutOff } from '../../../src/core/work-package/cut-off.ts'
import { attempt, failed, record } from '../samples.ts'

const open = attempt(2, { result: null, endedAt: null })
const endedAt = open.startedAt

it('an attempt that a crash of ours left open ends where it began, interrupted', () => {
  const interrupted = { ...open, endedAt, result: { kind: 'interrupted' } }
  const before = record({ attempts: [attempt(1), open], cycle: 2 })
  expect(afterCrash(before)).toEqual({ ...before, attempts: [attempt(1), interrupted] })
  const named = afterCrash(before, ({ number }) => `session ${number}`)
  expect(named.attempts).toEqual([attempt(1), { ...interrupted, sessionId: 'session 2' }])
})

it.each([
  ['an interruption that ends where it began', true, attempt(1, { result: { kind: 'interrupted' }, endedAt })],
  ['a stop in order', false, attempt(1, { result: { kind: 'interrupted' } })],
  ['a failure at once', false, failed(1, 'missing-binary', { endedAt })],
  ['one that runs', false, open],
  ['one that runs, whatever its end', false, { ...open, endedAt }],
])('%s was cut off: %s', (_, expected, tried) => {
  expect(wasCutOff(tried)).toBe(expected)
})

const cutOff = { result: { kind: 'interrupted' }, endedAt } as const
it.each([
  ['nothing was begun', false, []],
  ['it is committed', false, [attempt(1), failed(2, 'crashed')]],
  ['its implementation runs', true, [attempt(1, { result: null, headCommit: null })]],
  [
    'its implementation has ended, and its changes are not committed',
    true,
    [failed(1, 'crashed', { headCommit: null })],
  ],
  ['its review was cut off', true, [attempt(1), attempt(2, { ...cutOff, role: 'review', headCommit: null })]],
  ['its review has ended', false, [attempt(1), attempt(2, { role: 'review', headCommit: null })]],
  ['an earlier review was cut off', false, [attempt(1, { ...cutOff, role: 'review' }), attempt(2)]],
])('may have left changes: %s: %s', (_, expected, attempts) => {
  expect(mayHaveLeft(record({ attempts }))).toBe(expected)
})
