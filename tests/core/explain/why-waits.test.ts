import { describe, expect, it } from 'vitest'
import { type Moment, whyWaits } from '../../../src/core/explain/why-waits.ts'
import type { WpId } from '../../../src/core/ids.ts'
import { type GraphNode, lanesOf } from '../../../src/core/mission/graph.ts'
import type { ScheduleInput } from '../../../src/core/mission/schedule.ts'
import { laneId, later, node, now, wp } from '../samples.ts'

interface Given {
  readonly input?: Partial<ScheduleInput>
  readonly start?: readonly WpId[]
  readonly resolve?: readonly WpId[]
  readonly obstacle?: Moment['obstacle']
}

const wp01 = wp('WP01')
const wp02 = wp('WP02')
const wp03 = wp('WP03')

const planned = node('WP01', 'planned')

/** Why the first of these WPs waits; unless said, it could begin and two others have the slots. */
function whyFirst(nodes: readonly [GraphNode, ...(readonly GraphNode[])], given: Given = {}) {
  const input: ScheduleInput = {
    nodes,
    lanes: lanesOf(nodes),
    laneIds: new Map(),
    active: new Set([wp02]),
    deferred: new Map(),
    closed: new Map(),
    released: new Set(),
    unresolved: new Set(),
    unvouched: new Set(),
    unsettled: new Set(),
    selected: null,
    freeSlots: 1,
    now,
    ...given.input,
  }
  const { start = [wp03], resolve = [], obstacle = null } = given
  return whyWaits(nodes[0], { input, chosen: { start, resolve }, obstacle, reasonOf: id => `the reason of ${id}` })
}

const slots = { kind: 'slots', taken: [wp02, wp03] }
const paused = { kind: 'paused' } as const
const of = (...lanes: readonly (readonly [WpId, string])[]) => new Map(lanes.map(([id, lane]) => [id, laneId(lane)]))

describe('a WP does not wait', () => {
  it.each<readonly [string, GraphNode, Given]>([
    ['while it is driven', node('WP01', 'in_progress'), { input: { active: new Set([wp01]) } }],
    [
      'while it is driven, although --wp leaves it out',
      planned,
      { input: { active: new Set([wp01]), selected: new Set() } },
    ],
    ['when it is approved', node('WP01', 'approved'), {}],
    ['when it is done', node('WP01', 'done'), {}],
    ['when it is chosen to start', planned, { start: [wp02, wp01] }],
    ['when --wp names it and it is chosen to start', planned, { input: { selected: new Set([wp01]) }, start: [wp01] }],
  ])('%s', (_, first, given) => {
    expect(whyFirst([first], given)).toBeNull()
  })
})

describe('a WP waits', () => {
  it.each(['planned', 'claimed', 'in_progress', 'for_review', 'in_review'])('for a free slot, in %s', lane => {
    expect(whyFirst([node('WP01', lane)])).toEqual(slots)
  })

  it.each(['blocked', 'canceled', 'a lane of a newer host'])('for a person, in %s', lane => {
    expect(whyFirst([node('WP01', lane)], { start: [wp01] })).toEqual({ kind: 'lane' })
  })

  it('because --wp leaves it out, whatever else is in the way', () => {
    const input = { selected: new Set([wp02]), closed: new Map([[wp01, 'it is closed']]) }
    expect(whyFirst([planned], { input })).toEqual({ kind: 'not-selected' })
  })

  it.each(['a person is needed', ''])('because it is closed: %j', reason => {
    const input = { closed: new Map([[wp01, reason]]), deferred: new Map([[wp01, later]]) }
    expect(whyFirst([planned], { input })).toEqual({ kind: 'closed', reason })
  })

  it.each([
    ['a later time', later, { kind: 'time', until: later, reason: 'the reason of WP01' }],
    ['no time that has come', now, slots],
  ])('for %s', (_, until, why) => {
    const input = { deferred: new Map([[wp01, until]]) }
    expect(whyFirst([planned], { input })).toEqual(why)
  })
})

describe('a WP waits for its dependencies', () => {
  const on = (lane: GraphNode['lane'], unvouched = false) => [{ wpId: wp02, lane, unvouched }]
  it.each<readonly [string, readonly [GraphNode, ...GraphNode[]], Given, unknown]>([
    ['that is in another lane', [node('WP01', 'planned', 'WP02'), node('WP02', 'in_review')], {}, on('in_review')],
    [
      'that nobody vouches for',
      [node('WP01', 'claimed', 'WP02'), node('WP02', 'done')],
      { input: { unvouched: new Set([wp02]) } },
      on('done', true),
    ],
    ['that the mission does not have', [node('WP01', 'planned', 'WP02')], {}, on('planned')],
    [
      'before anything that keeps the whole run',
      [node('WP01', 'in_progress', 'WP02'), node('WP02', 'planned')],
      { obstacle: paused },
      on('planned'),
    ],
  ])('%s', (_, nodes, given, open) => {
    expect(whyFirst(nodes, given)).toEqual({ kind: 'dependencies', on: open })
  })

  it('and names all that are open, and no other', () => {
    const nodes = [node('WP01', 'planned', 'WP02', 'WP03', 'WP04'), node('WP02', 'planned')] as const
    expect(whyFirst([...nodes, node('WP03', 'approved'), node('WP04', 'blocked')])).toEqual({
      kind: 'dependencies',
      on: [
        { wpId: wp02, lane: 'planned', unvouched: false },
        { wpId: wp('WP04'), lane: 'blocked', unvouched: false },
      ],
    })
  })

  it.each(['for_review', 'in_review'])('but not in %s, where its work is done', lane => {
    expect(whyFirst([node('WP01', lane, 'WP02'), node('WP02', 'planned')])).toEqual(slots)
  })
})

describe('a WP that could begin waits', () => {
  it('for what keeps the whole run, although it is chosen to start', () => {
    expect(whyFirst([planned], { obstacle: paused, start: [wp01] })).toEqual({ kind: 'obstacle', because: paused })
  })

  it.each<readonly [string, Given, readonly WpId[]]>([
    ['its own, and the one of a WP that is being claimed', { start: [], resolve: [wp01] }, [wp01, wp02]],
    [
      'the one of a WP that is being claimed',
      { start: [], input: { laneIds: new Map([[wp01, laneId('a')]]) } },
      [wp02],
    ],
    [
      'its own, beside a WP that starts',
      { start: [wp02], resolve: [wp01], input: { active: new Set() } },
      [wp01, wp02],
    ],
  ])('until the host names lane worktrees: %s', (_, given, unknown) => {
    const nodes = [planned, node('WP02', 'planned'), node('WP03', 'planned', 'WP01', 'WP02')] as const
    expect(whyFirst(nodes, given)).toEqual({ kind: 'worktrees-unknown', of: unknown })
  })

  const held = (by: WpId) => ({ kind: 'worktree', laneId: 'a', by })
  const four = (lane02: string, lane03: string, lane04: string) =>
    [planned, node('WP02', lane02), node('WP03', lane03), node('WP04', lane04)] as const
  const shared = (id: WpId) => of([wp01, 'a'], [id, 'a'])
  it.each<
    readonly [string, readonly [GraphNode, ...GraphNode[]], ReadonlyMap<WpId, ReturnType<typeof laneId>>, unknown]
  >([
    ['for its worktree, in which a WP is driven', four('planned', 'planned', 'planned'), shared(wp02), held(wp02)],
    ['for its worktree, which a WP that starts takes', four('planned', 'planned', 'planned'), shared(wp03), held(wp03)],
    [
      'for its worktree, which has the work of a WP that is not driven',
      four('planned', 'planned', 'in_progress'),
      shared(wp('WP04')),
      held(wp('WP04')),
    ],
    [
      'for its worktree, first of all for who is driven in it',
      [planned, node('WP04', 'in_review'), node('WP02', 'planned')],
      of([wp01, 'a'], [wp02, 'a'], [wp('WP04'), 'a']),
      held(wp02),
    ],
    [
      'for a slot: who shares its worktree has not begun',
      four('done', 'done', 'planned'),
      of([wp01, 'a'], [wp02, 'b'], [wp03, 'c'], [wp('WP04'), 'a']),
      slots,
    ],
    [
      'for a slot: the others work in another worktree',
      four('in_progress', 'planned', 'in_progress'),
      of([wp01, 'a'], [wp02, 'b'], [wp03, 'c'], [wp('WP04'), 'd']),
      slots,
    ],
    ['for a slot: no worktree is known', four('in_progress', 'planned', 'in_progress'), of(), slots],
    ['for a slot: its worktree is its own', [node('WP01', 'in_progress')], of([wp01, 'a']), slots],
  ])('%s', (_, nodes, laneIds, why) => {
    expect(whyFirst(nodes, { input: { laneIds } })).toEqual(why)
  })
})
