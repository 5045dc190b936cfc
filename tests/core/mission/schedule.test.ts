import { describe, expect, it } from 'vitest'
import { type GraphNode, lanesOf } from '../../../src/core/mission/graph.ts'
import {
  heldByCanceled,
  nextDue,
  type ScheduleInput,
  schedule,
  whyNotReady,
} from '../../../src/core/mission/schedule.ts'
import { laneId, later, node, now, wp } from '../samples.ts'

/** Lane worktrees as `WP01: 'a'`. */
function lanes(given: Readonly<Record<string, string>>): ScheduleInput['laneIds'] {
  return new Map(Object.entries(given).map(([id, lane]) => [wp(id), laneId(lane)]))
}

function input(nodes: readonly GraphNode[], more: Partial<ScheduleInput> = {}): ScheduleInput {
  return {
    nodes,
    lanes: lanesOf(nodes),
    laneIds: lanes(Object.fromEntries(nodes.map(({ wpId }) => [wpId, `lane-of-${wpId}`]))),
    active: new Set(),
    deferred: new Map(),
    closed: new Map(),
    released: new Set(),
    unresolved: new Set(),
    unvouched: new Set(),
    unsettled: new Set(),
    selected: null,
    freeSlots: 4,
    now,
    ...more,
  }
}

const three = [node('WP01', 'planned'), node('WP02', 'planned'), node('WP03', 'planned')]
const deep = [node('WP01', 'planned'), node('WP02', 'planned'), node('WP03', 'planned', 'WP02')]

describe('schedule starts', () => {
  it.each<readonly [string, ScheduleInput, readonly string[]]>([
    ['all that are ready', input(three), ['WP01', 'WP02', 'WP03']],
    ['as many as there are slots', input(three, { freeSlots: 2 }), ['WP01', 'WP02']],
    ['nothing without a slot', input(three, { freeSlots: 0 }), []],
    ['nothing where nothing is', input([]), []],
    ['the longest chain first', input(deep, { freeSlots: 1 }), ['WP02']],
    [
      'what is in progress before what is planned',
      input([...deep, node('WP04', 'in_review')], { freeSlots: 1 }),
      ['WP04'],
    ],
    ['what waits for nothing any more', input([node('WP01', 'approved'), node('WP02', 'planned', 'WP01')]), ['WP02']],
    ['not what waits for one in review', input([node('WP01', 'in_review'), node('WP02', 'planned', 'WP01')]), ['WP01']],
    ['not what waits for one that is blocked', input([node('WP01', 'blocked'), node('WP02', 'planned', 'WP01')]), []],
    ['not what waits for one that is canceled', input([node('WP01', 'canceled'), node('WP02', 'planned', 'WP01')]), []],
    [
      'what the host releases all the same',
      input([node('WP01', 'canceled'), node('WP02', 'planned', 'WP01')], { released: new Set([wp('WP02')]) }),
      ['WP02'],
    ],
    ['a claimed one', input([node('WP01', 'claimed')]), ['WP01']],
    ['no claimed one before what it needs', input([node('WP01', 'blocked'), node('WP02', 'claimed', 'WP01')]), []],
    [
      'none in progress before what it needs',
      input([node('WP01', 'blocked'), node('WP02', 'in_progress', 'WP01')]),
      [],
    ],
    [
      'one in progress whose dependency is canceled: it was allowed to continue',
      input([node('WP01', 'canceled'), node('WP02', 'in_progress', 'WP01')]),
      ['WP02'],
    ],
    [
      'one in review whatever it needs: its work is done',
      input([node('WP01', 'blocked'), node('WP02', 'in_review', 'WP01'), node('WP03', 'for_review', 'WP01')]),
      ['WP02', 'WP03'],
    ],
    [
      'what another one in progress waits for, in the same worktree',
      input([node('WP01', 'in_progress'), node('WP02', 'in_progress', 'WP01')], {
        laneIds: lanes({ WP01: 'a', WP02: 'a' }),
      }),
      ['WP01'],
    ],
    [
      'what another one in progress waits for by a third, in the same worktree, and nothing else there',
      input(
        [
          node('WP01', 'planned'),
          node('WP02', 'planned', 'WP01'),
          node('WP03', 'in_progress', 'WP02'),
          node('WP04', 'planned'),
        ],
        { laneIds: lanes({ WP01: 'a', WP02: 'a', WP03: 'a', WP04: 'a' }) },
      ),
      ['WP01'],
    ],
    [
      'what may have left changes in its worktree before another one there, whatever waits for that one',
      input([node('WP01', 'in_progress'), node('WP02', 'in_review'), node('WP03', 'planned', 'WP01')], {
        laneIds: lanes({ WP01: 'a', WP02: 'a', WP03: 'c' }),
        unsettled: new Set([wp('WP02')]),
      }),
      ['WP02'],
    ],
    [
      'what is in progress before what only left changes',
      input([node('WP01', 'in_progress'), node('WP02', 'planned')], {
        freeSlots: 1,
        unsettled: new Set([wp('WP02')]),
      }),
      ['WP01'],
    ],
    ['nothing in an unknown lane', input([node('WP01', 'frozen')]), []],
    [
      'nothing that is finished',
      input(['done', 'approved', 'canceled', 'blocked'].map((lane, i) => node(`WP0${i}`, lane))),
      [],
    ],
    ['nothing that is running', input(three, { active: new Set([wp('WP02')]) }), ['WP01', 'WP03']],
    ['nothing that was closed', input(three, { closed: new Map([[wp('WP01'), 'why']]) }), ['WP02', 'WP03']],
    ['nothing that waits for a time', input(three, { deferred: new Map([[wp('WP01'), later]]) }), ['WP02', 'WP03']],
    [
      'what waited and may continue',
      input(three, { deferred: new Map([[wp('WP01'), now]]) }),
      ['WP01', 'WP02', 'WP03'],
    ],
    ['in the order of their ids', input(three.toReversed(), { freeSlots: 2 }), ['WP01', 'WP02']],
    ['only what is selected', input(three, { selected: new Set([wp('WP03')]) }), ['WP03']],
  ])('%s', (_, given, expected) => {
    expect(schedule(given)).toEqual({ start: expected, resolve: [] })
  })
})

describe('the time that is waited for', () => {
  const waiting = new Map([[wp('WP01'), later]])
  it.each<readonly [string, ScheduleInput, number]>([
    ['that of the first', input(three, { deferred: new Map([...waiting, [wp('WP02'), later + 1]]) }), later],
    ['none, where none waits', input(three), Number.POSITIVE_INFINITY],
    ['none that has come', input(three, { deferred: new Map([[wp('WP01'), now]]) }), Number.POSITIVE_INFINITY],
    [
      'none of one that was closed meanwhile',
      input(three, { deferred: waiting, closed: new Map([[wp('WP01'), 'a person skips it']]) }),
      Number.POSITIVE_INFINITY,
    ],
    ...['canceled', 'done', 'blocked', 'frozen'].map(
      lane =>
        [
          `none of one that somebody made ${lane}`,
          input([node('WP01', lane)], { deferred: waiting }),
          Number.POSITIVE_INFINITY,
        ] as const,
    ),
    ['that of one in review', input([node('WP01', 'in_review')], { deferred: waiting }), later],
  ])('is %s', (_, given, expected) => {
    expect(nextDue(given)).toBe(expected)
  })
})

describe('one WP per lane worktree', () => {
  const shared = lanes({ WP01: 'a', WP02: 'a', WP03: 'b' })
  it.each<readonly [string, ScheduleInput, readonly string[]]>([
    ['the first of two', input(three, { laneIds: shared }), ['WP01', 'WP03']],
    ['not beside one running', input(three, { laneIds: shared, active: new Set([wp('WP01')]) }), ['WP03']],
    [
      'not beside one in progress that waits',
      input([node('WP01', 'in_progress'), ...three.slice(1)], {
        laneIds: shared,
        deferred: new Map([[wp('WP01'), later]]),
      }),
      ['WP03'],
    ],
    [
      'not beside one of someone else',
      input([node('WP01', 'in_review'), ...three.slice(1)], {
        laneIds: shared,
        closed: new Map([[wp('WP01'), 'not ours']]),
      }),
      ['WP03'],
    ],
    [
      'not beside one in progress that was not selected',
      input([node('WP01', 'in_progress'), ...three.slice(1)], {
        laneIds: shared,
        selected: new Set([wp('WP02')]),
      }),
      [],
    ],
    [
      'not beside one running that waits for it: it was started before',
      input([node('WP01', 'planned'), node('WP02', 'in_progress', 'WP01')], {
        laneIds: shared,
        active: new Set([wp('WP02')]),
      }),
      [],
    ],
    [
      'not beside one in progress that waits for a time, and for no other WP',
      input([node('WP01', 'planned'), node('WP04', 'done', 'WP01'), node('WP02', 'in_progress', 'WP04')], {
        laneIds: shared,
        deferred: new Map([[wp('WP02'), later]]),
      }),
      [],
    ],
    [
      'beside one that is blocked',
      input([node('WP01', 'blocked'), ...three.slice(1)], { laneIds: shared }),
      ['WP02', 'WP03'],
    ],
    [
      'only one of two that were in progress',
      input([node('WP01', 'for_review'), node('WP02', 'in_progress')], {
        laneIds: shared,
      }),
      ['WP01'],
    ],
  ])('%s', (_, given, expected) => {
    expect(schedule(given)).toEqual({ start: expected, resolve: [] })
  })

  /** WP01 and WP02 have a common dependent, WP03 has nothing to do with them. */
  const joined = [...three, node('WP04', 'planned', 'WP01', 'WP02')]
  const none = { laneIds: new Map() }
  const active = (...ids: readonly string[]) => ({ active: new Set(ids.map(wp)) })

  it.each<readonly [string, ScheduleInput, readonly string[], readonly string[]]>([
    ['nothing of the only one', input([node('WP01', 'planned')], none), [], ['WP01']],
    ['nothing of those without a common dependency', input(three, none), [], ['WP01', 'WP02', 'WP03']],
    ['nothing beside such ones that are claimed', input(three, { ...none, ...active('WP01') }), [], ['WP02', 'WP03']],
    [
      'nothing beside such ones that work',
      input([node('WP01', 'in_progress'), ...three.slice(1)], { laneIds: lanes({ WP01: 'a' }), ...active('WP01') }),
      [],
      ['WP02', 'WP03'],
    ],
    ['the second of two that could meet', input(joined, none), ['WP02'], ['WP01', 'WP03']],
    ['no more than there are slots', input(joined, { ...none, freeSlots: 2 }), ['WP02'], ['WP01']],
    ['beside one that is claimed', input(joined, { ...none, ...active('WP01') }), ['WP02'], ['WP03']],
    [
      'nothing that is known, while the answer to a claim will name the other',
      input(joined, { laneIds: lanes({ WP02: 'b' }), ...active('WP01') }),
      [],
      ['WP03'],
    ],
    [
      'nothing, where both are known',
      input(joined, { laneIds: lanes({ WP01: 'a', WP02: 'b' }), ...active('WP01') }),
      [],
      ['WP02', 'WP03'],
    ],
    [
      'nothing, where all are known, and two without a common dependency share one',
      input(joined, { laneIds: lanes({ WP01: 'a', WP04: 'a', WP02: 'b', WP09: 'b', WP03: 'b' }) }),
      [],
      ['WP01', 'WP02'],
    ],
    [
      'of each, once it is known that any two may share one',
      input([...joined, node('WP05', 'planned'), node('WP06', 'done')], {
        laneIds: lanes({ WP01: 'a', WP06: 'a' }),
        ...active('WP01'),
      }),
      ['WP02', 'WP03', 'WP05'],
      [],
    ],
    [
      'beside one in progress that this run has not met, whoever it is',
      input([node('WP01', 'in_progress'), ...three.slice(1)], { ...none, closed: new Map([[wp('WP01'), 'not ours']]) }),
      ['WP02', 'WP01', 'WP03'],
      [],
    ],
    [
      'beside one in progress that is being met',
      input([node('WP01', 'in_progress'), node('WP02', 'planned')], { ...none, ...active('WP01') }),
      ['WP02'],
      [],
    ],
    [
      'beside one that is no longer in the mission',
      input(three, { ...none, ...active('WP09') }),
      [],
      ['WP01', 'WP02', 'WP03'],
    ],
    ['nothing, where nothing could be started', input(three, { ...none, ...active('WP01', 'WP02', 'WP03') }), [], []],
    ['nothing, where there is no slot', input(joined, { ...none, ...active('WP01'), freeSlots: 0 }), [], []],
    [
      'not again about one whose lane the host does not tell',
      input([node('WP01', 'in_progress'), node('WP02', 'planned')], {
        laneIds: lanes({ WP02: 'b' }),
        closed: new Map([[wp('WP01'), 'not ours']]),
        unresolved: new Set([wp('WP01')]),
      }),
      [],
      ['WP02'],
    ],
  ])('asks where they could meet: %s', (_, given, resolve, start) => {
    expect(schedule(given)).toEqual({ resolve, start })
  })
})

describe('heldByCanceled', () => {
  const nodes = [
    node('WP01', 'canceled'),
    node('WP02', 'planned', 'WP01'),
    node('WP03', 'planned', 'WP01', 'WP02'),
    node('WP04', 'done'),
    node('WP05', 'planned', 'WP04', 'WP01'),
    node('WP06', 'planned'),
    node('WP07', 'claimed', 'WP01'),
    node('WP08', 'planned', 'WP99'),
  ]
  it.each([
    ['what waits for canceled ones only', {}, ['WP02', 'WP05']],
    ['not what was closed', { closed: new Map([[wp('WP02'), 'why']]) }, ['WP05']],
    ['not what the host released', { released: new Set([wp('WP05')]) }, ['WP02']],
  ])('%s', (_, more, expected) => {
    expect(heldByCanceled(input(nodes, more))).toEqual(expected)
  })
})

describe('whyNotReady', () => {
  const nodes = [
    node('WP01', 'in_progress'),
    node('WP02', 'planned', 'WP01', 'WP05'),
    node('WP05', 'blocked'),
    node('WP07', 'done'),
  ]
  const why = (candidate: GraphNode, more: Partial<ScheduleInput> = {}, others: readonly GraphNode[] = nodes) =>
    whyNotReady(candidate, input([...others, candidate], more))

  it.each([
    ['done', node('WP09', 'done'), null],
    ['in progress before what it needs', node('WP09', 'in_progress', 'WP05'), 'it waits for WP05 (blocked)'],
    ['in progress, what it needs done', node('WP09', 'in_progress', 'WP07'), null],
    ['approved', node('WP09', 'approved'), null],
    ['running', node('WP09', 'in_review'), null],
    ['in review whatever it needs', node('WP09', 'in_review', 'WP05'), null],
    ['ready', node('WP09', 'planned'), null],
    ['waiting', node('WP09', 'planned', 'WP01', 'WP05'), 'it waits for WP01 (in_progress), WP05 (blocked)'],
    ['waiting for one of two', node('WP09', 'planned', 'WP01', 'WP07'), 'it waits for WP01 (in_progress)'],
    ['waiting for one that is not there', node('WP09', 'planned', 'WP99'), 'it waits for WP99 (planned)'],
    ['claimed, and ready', node('WP09', 'claimed', 'WP07'), null],
    ['waiting although claimed', node('WP09', 'claimed', 'WP05'), 'it waits for WP05 (blocked)'],
    ['blocked', node('WP09', 'blocked'), 'it is blocked'],
    [
      'canceled',
      node('WP09', 'canceled'),
      'it is canceled, and the host does not accept a mission with a canceled work package',
    ],
    ['unknown', node('WP09', 'frozen'), "its lane 'frozen' is unknown to this version of sko"],
  ])('%s', (_, candidate, expected) => {
    expect(why(candidate)).toBe(expected)
  })

  it.each(['approved', 'done'])('wants a person to confirm one that someone else made %s', lane => {
    expect(why(node('WP09', lane), { unvouched: new Set([wp('WP09')]) })).toBe(
      `it is ${lane}, but not by a review of this run: someone else moved it there, and a person has to confirm WP09`,
    )
  })

  it('says what closed it before anything else', () => {
    const closed = new Map([[wp('WP09'), 'not ours']])
    expect(why(node('WP09', 'in_progress'), { closed })).toBe('not ours')
    expect(why(node('WP09', 'done'), { closed })).toBeNull()
  })

  it('has nothing against one that the host released', () => {
    expect(why(node('WP09', 'planned', 'WP05'), { released: new Set([wp('WP09')]) })).toBeNull()
  })

  it('names who holds its lane worktree', () => {
    const laneIds = lanes({ WP01: 'a', WP09: 'a' })
    expect(why(node('WP09', 'planned'), { laneIds })).toBe('its lane worktree a is held by WP01 (in_progress)')
  })

  it('names one that holds it while it waits for others, unless that is what it waits for', () => {
    const laneIds = lanes({ WP10: 'a', WP09: 'a' })
    const waits = node('WP10', 'in_progress', 'WP02')
    const waitsForIt = node('WP10', 'in_progress', 'WP09')
    const nodes = (holder: GraphNode) => [node('WP02', 'blocked'), node('WP09', 'in_progress'), holder]
    const held = 'its lane worktree a is held by WP10 (in_progress)'
    expect(why(node('WP09', 'in_progress'), { laneIds, nodes: nodes(waits) })).toBe(held)
    expect(why(node('WP09', 'for_review'), { laneIds, nodes: nodes(waits) })).toBe(held)
    expect(why(node('WP09', 'in_progress'), { laneIds, nodes: nodes(waitsForIt) })).toBeNull()
  })

  it('names who holds it for good also to one that was in progress', () => {
    const laneIds = lanes({ WP01: 'a', WP09: 'a' })
    const closed = new Map([[wp('WP01'), 'not ours']])
    expect(why(node('WP09', 'for_review'), { laneIds, closed })).toBe(
      'its lane worktree a is held by WP01 (in_progress)',
    )
    expect(why(node('WP09', 'for_review'), { laneIds })).toBeNull()
  })
})
