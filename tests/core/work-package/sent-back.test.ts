import { expect, it } from 'vitest'
import { isWpId } from '../../../src/core/ids.ts'
import { combinedLine, sentBack, whyNotSentBack } from '../../../src/core/work-package/sent-back.ts'
import { newRecord } from '../../../src/core/work-package/work-package.ts'

function wp(text: string) {
  if (!isWpId(text)) throw new Error(text)
  return text
}

const first = { commit: 'a'.repeat(40), branch: 'kitty/lane-a', wpIds: [wp('WP01'), wp('WP03')] }
const target = { commit: 'b'.repeat(40), branch: 'work', wpIds: [] }
const failed = { command: 'npm test', exitCode: 1, output: '', log: null }

it.each([
  [{ others: [first], conflicts: [], results: [failed] }, 'checks fail on it together with WP01, WP03: npm test'],
  [
    { others: [first, target], conflicts: [], results: [failed, { ...failed, command: 'lint' }] },
    'checks fail on it together with WP01, WP03 and work: npm test; lint',
  ],
  [{ others: [], conflicts: [], results: [failed] }, 'checks fail on it: npm test'],
  [{ others: [target], conflicts: ['a', 'b'], results: [] }, 'it conflicts with work in a, b'],
])('says what is wrong in a line', (feedback, line) => {
  expect(combinedLine(feedback)).toBe(line)
})

it.each([
  [1, 0, 2, null],
  [2, 0, 2, 'it has had 2 cycles (review.max_cycles)'],
  [3, 1, 2, 'it has had 2 cycles (review.max_cycles)'],
  [3, 2, 2, null],
])('in cycle %i, retried after %i, of at most %i', (cycle, retriedAfterCycle, most, why) => {
  expect(whyNotSentBack({ cycle, retriedAfterCycle }, most)).toBe(why)
})

it('begins a new cycle without an approval, and keeps the feedback', () => {
  const feedback = { kind: 'combined', others: [first], conflicts: [], results: [failed] } as const
  const confirmed = { commit: 'c', at: '2026-01-01T00:00:00Z', reason: null }
  const record = { ...newRecord(wp('WP02')), cycle: 2, cycleBase: 'b', lastReviewed: 'd', confirmed, feedback }
  expect(sentBack(record)).toMatchObject({
    ...{ cycle: 3, cycleBase: null, work: null, judgement: null, lastReviewed: null, confirmed: null, halt: null },
    feedback,
  })
})
