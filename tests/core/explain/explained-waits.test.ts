import { describe, expect, it } from 'vitest'
import type { Step } from '../../../src/core/work-package/step.ts'
import { ada, laneId, later, node, now } from '../samples.ts'
import {
  atEntry,
  begin,
  came,
  chose,
  ended,
  explained,
  looked,
  ofKind,
  type Part,
  scheduled,
  started,
  wp01,
  wp02,
  wp03,
} from './entries.ts'

const waits = (...parts: readonly Part[]) => ofKind(explained(...parts), 'waits')

const claim: Step = { kind: 'claim', agent: ada }
const claimed = came(wp01, { kind: 'claimed', laneId: laneId('lane-a') })
const paused = { type: 'nothing-begins', because: { kind: 'paused' } } as const
const nothingInTheWay = { type: 'nothing-begins', because: null } as const

describe('a wait', () => {
  const two = begin([node('WP01', 'planned'), node('WP02', 'planned', 'WP01')])

  it('is said with its reason and its time', () => {
    expect(waits(two, scheduled([wp01]))).toEqual([
      {
        kind: 'waits',
        at: atEntry(1),
        wpId: wp02,
        lane: 'planned',
        why: { kind: 'dependencies', on: [{ wpId: wp01, lane: 'planned', unvouched: false }] },
        until: null,
      },
    ])
  })

  it('is said once, as it was first, while it stays the same', () => {
    const all = waits(two, scheduled([wp01]), started(wp01), chose(wp01, claim), claimed, scheduled([]))
    expect(all).toMatchObject([{ at: atEntry(1), why: { on: [{ lane: 'planned' }] }, until: null }])
  })

  it('is another one where a dependency is not vouched for', () => {
    const done = begin([node('WP01', 'done'), node('WP02', 'planned', 'WP01', 'WP03'), node('WP03', 'planned')])
    const all = waits(done, scheduled([wp03]), scheduled([wp03], { unvouched: [wp01] }))
    expect(all).toMatchObject([
      { at: atEntry(1), until: atEntry(2), why: { on: [{ wpId: wp03 }] } },
      { at: atEntry(2), until: null, why: { on: [{ wpId: wp01 }, { wpId: wp03 }] } },
    ])
  })

  it('is another one where it is for another dependency', () => {
    const done = begin([node('WP01', 'done'), node('WP02', 'done'), node('WP03', 'planned', 'WP01', 'WP02')])
    const all = waits(done, scheduled([], { unvouched: [wp01] }), scheduled([], { unvouched: [wp02] }))
    expect(all).toMatchObject([{ why: { on: [{ wpId: wp01 }] } }, { why: { on: [{ wpId: wp02 }] } }])
  })

  it('is another one where the dependency is done, but not vouched for', () => {
    const done = looked([node('WP01', 'done'), node('WP02', 'planned', 'WP01')])
    const all = waits(two, scheduled([wp01]), done, scheduled([], { unvouched: [wp01] }))
    expect(all).toMatchObject([
      { why: { on: [{ lane: 'planned', unvouched: false }] }, until: atEntry(3) },
      { why: { on: [{ lane: 'done', unvouched: true }] }, until: null },
    ])
  })

  it('ends where its WP starts, and is said again if it comes again', () => {
    const one = begin([node('WP01', 'planned'), node('WP02', 'planned')])
    const all = waits(one, scheduled([wp02]), started(wp01), ended(wp01, null), scheduled([wp02]))
    expect(all.map(({ at, until }) => [at, until])).toEqual([
      [atEntry(1), atEntry(2)],
      [atEntry(4), null],
    ])
  })

  it('ends where nothing is in the way any more', () => {
    const one = begin([node('WP01', 'planned')])
    const all = waits(one, scheduled([wp01]), paused, nothingInTheWay, scheduled([wp01]))
    expect(all).toEqual([
      {
        kind: 'waits',
        at: atEntry(2),
        wpId: wp01,
        lane: 'planned',
        why: { kind: 'obstacle', because: { kind: 'paused' } },
        until: atEntry(3),
      },
    ])
  })

  it('is not said before the first schedule, and then for what was in the way since', () => {
    const one = begin([node('WP01', 'planned')])
    expect(explained(one, paused).map(({ kind }) => kind)).toEqual(['process'])
    expect(waits(one, paused, scheduled([]))).toMatchObject([{ at: atEntry(2), why: { kind: 'obstacle' } }])
  })

  it('is another one where something else is in the way', () => {
    const draining = { type: 'nothing-begins', because: { kind: 'draining' } } as const
    const all = waits(begin([node('WP01', 'planned')]), scheduled([]), paused, paused, draining)
    expect(all.map(({ at, until, why }) => [at, until, why.kind])).toEqual([
      [atEntry(1), atEntry(2), 'slots'],
      [atEntry(2), atEntry(4), 'obstacle'],
      [atEntry(4), null, 'obstacle'],
    ])
  })

  it('for a slot is one, whoever has it', () => {
    const three = begin([node('WP01', 'planned'), node('WP02', 'planned'), node('WP03', 'planned')])
    const all = waits(three, scheduled([wp01, wp02]), scheduled([wp02]), scheduled([wp01]))
    expect(all.filter(({ wpId }) => wpId === wp03)).toMatchObject([{ why: { taken: [wp01, wp02] }, until: null }])
  })

  it('for the names of lane worktrees is one, and not the one for a slot', () => {
    const one = begin([node('WP01', 'planned'), node('WP02', 'in_progress', 'WP01')])
    const resolve = (...of: readonly (typeof wp01)[]) => scheduled([], { resolve: of })
    const all = waits(one, resolve(wp01), resolve(wp01, wp02), scheduled([])).filter(({ wpId }) => wpId === wp01)
    expect(all.map(({ at, until, why }) => [at, until, why.kind])).toEqual([
      [atEntry(1), atEntry(3), 'worktrees-unknown'],
      [atEntry(3), null, 'slots'],
    ])
  })

  it('of each WP is its own', () => {
    const blocked = begin([node('WP01', 'blocked'), node('WP02', 'blocked')])
    const all = waits(blocked, scheduled([]), scheduled([]))
    expect(all.map(({ wpId, why }) => [wpId, why])).toEqual([
      [wp01, { kind: 'lane' }],
      [wp02, { kind: 'lane' }],
    ])
  })
})

describe('a wait for a time', () => {
  const one = begin([node('WP01', 'planned')])
  const silent = {
    type: 'host-unanswered',
    wpId: wp01,
    what: 'lane',
    reason: 'no answer',
    waits: true,
    now: later,
    tookMs: 0,
  } as const
  const unanswered = { kind: 'unanswered', step: 'claim', reason: 'a lock', tookMs: 0 } as const
  it.each<readonly [string, readonly Part[], string]>([
    ['its driver', [started(wp01), ended(wp01, { kind: 'wait', until: later, reason: 'rate-limit' })], 'rate-limit'],
    ['what failed', [started(wp01), ended(wp01, unanswered)], 'a lock'],
    ['the host, that does not answer', [silent], 'no answer'],
    [
      'its last driver, not the ones before',
      [
        started(wp01),
        ended(wp01, { kind: 'wait', until: now, reason: 'rate-limit' }),
        started(wp01),
        ended(wp01, { kind: 'wait', until: later, reason: 'network' }),
      ],
      'network',
    ],
  ])('has the reason of %s', (_, parts, reason) => {
    expect(waits(one, ...parts, scheduled([]))).toMatchObject([{ why: { kind: 'time', reason } }])
  })

  it('has the reason of the host, not that of an earlier driver', () => {
    const wait = ended(wp01, { kind: 'wait', until: now, reason: 'rate-limit' })
    expect(waits(one, started(wp01), wait, silent, scheduled([]))).toMatchObject([{ why: { reason: 'no answer' } }])
  })

  it('has no reason where the host has answered since', () => {
    const answered = { type: 'lane-known', wpId: wp01, laneId: laneId('lane-a') } as const
    expect(waits(one, silent, answered, scheduled([]))).toMatchObject([{ why: { kind: 'time', reason: '' } }])
  })

  it('is another one where the time moves', () => {
    const until = (time: number) => ended(wp01, { kind: 'wait', until: time, reason: 'rate-limit' })
    const all = waits(one, started(wp01), until(later), scheduled([]), started(wp01), until(later + 1), scheduled([]))
    expect(all).toMatchObject([
      { why: { until: later }, until: atEntry(4) },
      { why: { until: later + 1 }, until: null },
    ])
  })
})
