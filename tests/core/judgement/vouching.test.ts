import { describe, expect, it } from 'vitest'
import { approvedCommit, reviewedRanges, vouchingFor } from '../../../src/core/judgement/vouching.ts'
import type { Confirmation, WpRecord } from '../../../src/core/work-package/work-package.ts'
import { judgement, record, work } from '../samples.ts'

const approved = { ...judgement('approved'), commit: 'judged' }
const rejected = { ...judgement('changes_requested'), commit: 'rejected' }
const confirmed: Confirmation = { commit: 'confirmed', at: '2026-01-01T12:00:00.000Z', reason: null }

describe('why a WP that the host calls approved is trusted', () => {
  it.each<[string, Partial<WpRecord>, boolean, ReturnType<typeof vouchingFor>]>([
    ['a review of this run', { judgement: approved }, false, 'judged'],
    ['a review, though a person has confirmed it too', { judgement: approved, confirmed }, true, 'judged'],
    ['a person', { confirmed }, false, 'confirmed'],
    ['a person, in spite of a rejection before', { judgement: rejected, confirmed }, true, 'confirmed'],
    ['it was so when the run began', {}, true, 'given'],
    ['not at all after a rejection', { judgement: rejected }, false, null],
    ['not at all', {}, false, null],
  ])('%s', (_, more, given, expected) => expect(vouchingFor(record(more), given)).toBe(expected))
})

describe('the commit at which a WP was approved', () => {
  it.each<[string, Partial<WpRecord>, string | null]>([
    ['is that of the review', { judgement: approved, confirmed }, 'judged'],
    ['is that of the confirmation', { judgement: rejected, confirmed }, 'confirmed'],
    ["is the WP's own, where another commit was confirmed", { confirmed: { ...confirmed, own: 'own' } }, 'own'],
    ['is not known after a rejection', { judgement: rejected }, null],
    ['is not known', {}, null],
  ])('%s', (_, more, expected) => expect(approvedCommit(record(more))).toBe(expected))
})

describe('what the judgement of a WP covers', () => {
  const older = { ...approved, shown: [] }
  it.each<[string, Partial<WpRecord>, ReturnType<typeof reviewedRanges>]>([
    ['is what the reviewer was shown', { judgement: approved, work }, [{ base: 'base', head: 'head' }]],
    [
      'of an older version is from the base of the work',
      { judgement: older, work, wpBase: 'first' },
      [{ base: 'base', head: 'judged' }],
    ],
    [
      'of an older version is from the base of the WP',
      { judgement: older, wpBase: 'first' },
      [{ base: 'first', head: 'judged' }],
    ],
    ['of an older version is nothing without a base', { judgement: older }, []],
    ['is nothing after a rejection', { judgement: rejected, work, wpBase: 'first' }, []],
    ['is nothing without one', { work, wpBase: 'first' }, []],
  ])('%s', (_, more, expected) => expect(reviewedRanges(record(more))).toEqual(expected))
})
