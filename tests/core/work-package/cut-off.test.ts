import { expect, it } from 'vitest'
import { afterCrash, wasCutOff } from '../../../src/core/work-package/cut-off.ts'
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
