import { describe, expect, it } from 'vitest'
import { lanesOf } from '../../../src/core/mission/graph.ts'
import { applyMissionEvent, type MissionRunEvent } from '../../../src/core/mission/mission-event.ts'
import { beginMissionRun, closedReason, inRun, workPackageIn } from '../../../src/core/mission/mission-run.ts'
import {
  activeWps,
  canBegin,
  hasOtherWork,
  lastingTroubles,
  needingRelease,
  nextStart,
  recordsIn,
  scheduleInput,
  unansweredReleases,
} from '../../../src/core/mission/mission-schedule.ts'
import { newRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, laneId, later, node, now, wp } from '../samples.ts'

const [wp01, wp02, wp03] = [wp('WP01'), wp('WP02'), wp('WP03')]
const nodes = [node('WP01', 'planned'), node('WP02', 'planned', 'WP01'), node('WP03', 'in_progress')]
const begun = beginMissionRun(nodes, new Map([[wp02, { ...newRecord(wp02), cycle: 3 }]]))
const missionAfter = (...events: readonly MissionRunEvent[]) => events.reduce(applyMissionEvent, begun)
const facts = { onlyWps: null, maxConcurrentWps: 4, unvouched: new Set<typeof wp01>(), now }

const started = { type: 'started', wpId: wp03 } as const
const waits: MissionRunEvent = {
  type: 'ended',
  wpId: wp03,
  end: { kind: 'wait', until: later, reason: 'a limit' },
  now,
}
const asked = (what: 'lane' | 'list-ready', waits = true): MissionRunEvent => {
  return { type: 'host-unanswered', wpId: wp03, what, reason: 'no answer', waits, now, tookMs: 0 }
}
const taken: MissionRunEvent = { type: 'taken-away', wpId: wp03, from: 'in_progress', to: 'planned' }

describe('scheduleInput', () => {
  it('has nothing but the mission at first', () => {
    expect(scheduleInput(begun, facts)).toEqual({
      nodes,
      lanes: lanesOf(nodes),
      laneIds: new Map(),
      active: new Set(),
      deferred: new Map(),
      closed: new Map(),
      released: new Set(),
      unresolved: new Set(),
      unvouched: facts.unvouched,
      unsettled: new Set(),
      selected: null,
      freeSlots: 4,
      now,
    })
  })

  it('takes a slot for each driver, and names the lane worktrees that are known', () => {
    const mission = missionAfter(started, { type: 'lane-known', wpId: wp03, laneId: laneId('lane-c') })
    expect(scheduleInput(mission, { ...facts, maxConcurrentWps: 2 })).toMatchObject({
      active: new Set([wp03]),
      laneIds: new Map([[wp03, 'lane-c']]),
      freeSlots: 1,
    })
  })

  it('defers those that wait, closes those that are closed, and names those that are released', () => {
    const mission = missionAfter(started, waits, { type: 'skip-began', wpId: wp01 }, release(wp02, true))
    const { deferred, closed, released } = scheduleInput(mission, facts)
    expect(deferred).toEqual(new Map([[wp03, later]]))
    expect(closed).toEqual(new Map([[wp01, 'a person skips it']]))
    expect(released).toEqual(new Set([wp02]))
  })

  it('selects the WPs of --wp with what they depend on', () => {
    expect(scheduleInput(begun, { ...facts, onlyWps: [wp02] }).selected).toEqual(new Set([wp01, wp02]))
  })

  it.each<readonly [string, readonly MissionRunEvent[], number, readonly string[]]>([
    ['was not asked', [], now, []],
    ['was asked in vain', [asked('lane', false)], now, ['WP03']],
    ['was asked in vain until it is asked again', [asked('lane', false)], now + 5_000, []],
    ['was asked in vain on a clock that was set back', [asked('lane', false)], now - 1, []],
    ['has another trouble', [asked('lane', false), asked('list-ready')], now, []],
    ['has another trouble only', [asked('list-ready')], now, []],
    [
      'was asked in vain before it was answered',
      [asked('lane', false), { type: 'lane-known', wpId: wp03, laneId: laneId('lane-c') }],
      now,
      [],
    ],
  ])('does not ask again for the lane worktree where it %s', (_, events, at, unresolved) => {
    expect([...scheduleInput(missionAfter(...events), { ...facts, now: at }).unresolved]).toEqual(unresolved)
  })
})

function release(wpId: typeof wp01, released: boolean): MissionRunEvent {
  const type = 'release-answered'
  return released ? { type, wpId, released } : { type, wpId, released, reason: 'not released' }
}

describe('closedReason', () => {
  it.each<readonly [string, readonly MissionRunEvent[], string | null]>([
    ['may begin', [], null],
    ['waits', [started, waits], null],
    ['is active', [started], null],
    ['is active, and someone else has moved it', [started, taken], 'someone else moved it from in_progress to planned'],
    ['was moved', [taken], 'someone else moved it from in_progress to planned'],
    ['is not released', [release(wp03, false)], 'not released'],
    ['is being skipped', [taken, { type: 'skip-began', wpId: wp03 }], 'a person skips it'],
    ['is held', [started, held()], 'all is spent'],
  ])('of a WP that %s', (_, events, reason) => {
    expect(closedReason(inRun(missionAfter(...events), wp03))).toBe(reason)
  })
})

function held(): MissionRunEvent {
  return { type: 'ended', wpId: wp03, end: { kind: 'finish', end: 'held', by: 'budget', reason: 'all is spent' }, now }
}

describe('what the host is asked', () => {
  const canceled = beginMissionRun([node('WP01', 'canceled'), node('WP02', 'planned', 'WP01')], new Map())
  const then = (...events: readonly MissionRunEvent[]) => events.reduce(applyMissionEvent, canceled)
  const startedIt: MissionRunEvent = { type: 'started', wpId: wp02 }

  it.each<readonly [string, readonly MissionRunEvent[], readonly string[], readonly string[]]>([
    ['was not asked about', [], ['WP02'], ['WP02']],
    ['is released', [release(wp02, true)], ['WP02'], []],
    ['is refused', [release(wp02, false)], ['WP02'], []],
    ['is being claimed', [startedIt], ['WP02'], []],
    ['is being skipped', [{ type: 'skip-began', wpId: wp02 }], [], []],
    ['was taken away', [{ type: 'taken-away', wpId: wp02, from: 'claimed', to: 'planned' }], [], []],
    [
      'a person is needed for',
      [
        startedIt,
        { type: 'ended', wpId: wp02, end: { kind: 'finish', end: 'needs-person', reason: 'it is blocked' }, now },
      ],
      [],
      [],
    ],
    [
      'was asked about in vain',
      [{ type: 'host-unanswered', wpId: wp02, what: 'list-ready', reason: '', waits: true, now, tookMs: 0 }],
      ['WP02'],
      [],
    ],
  ])('a WP behind a canceled one that %s', (_, events, needing, open) => {
    const mission = then(...events)
    expect(needingRelease(mission)).toEqual(needing)
    expect(unansweredReleases(mission, needingRelease(mission), now)).toEqual(open)
  })

  it.each<readonly [string, readonly MissionRunEvent[], boolean]>([
    ['is idle', [], true],
    ['is active', [started], false],
    ['waits', [started, waits], false],
    ['is taken away', [taken], false],
  ])('waits for an answer itself where it %s: %s', (_, events, expected) => {
    expect(canBegin(missionAfter(...events), wp03, now)).toBe(expected)
  })

  it('waits for an answer itself when its own wait is over', () => {
    expect(canBegin(missionAfter(started, waits), wp03, later)).toBe(true)
    expect(canBegin(missionAfter(started, waits), wp03, later - 1)).toBe(false)
  })
})

describe('what is next', () => {
  it('starts when the first wait is over, but for those that are not counted', () => {
    expect(nextStart(begun, now)).toBe(Number.POSITIVE_INFINITY)
    expect(nextStart(missionAfter(started, waits), now)).toBe(later)
    expect(nextStart(missionAfter(started, waits), now, new Set([wp03]))).toBe(Number.POSITIVE_INFINITY)
    expect(nextStart(missionAfter(started, waits, { type: 'skip-began', wpId: wp03 }), now)).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  it('does not hope for what has lasted', () => {
    expect(lastingTroubles(missionAfter(asked('lane')), 5)).toEqual(new Map())
    expect(lastingTroubles(missionAfter(asked('lane')), 0)).toEqual(new Map([[wp03, 'no answer']]))
    expect(lastingTroubles(begun, 0)).toEqual(new Map())
  })

  it('knows the drivers and the records', () => {
    expect(activeWps(missionAfter(started))).toEqual(new Set([wp03]))
    expect(activeWps(begun)).toEqual(new Set())
    expect(recordsIn(begun).get(wp02)?.cycle).toBe(3)
    expect(workPackageIn(begun, wp02)).toMatchObject({ lane: 'planned', worktree: null, record: { cycle: 3 } })
    expect(workPackageIn(begun, wp('WP09'))).toBeNull()
  })
})

describe('hasOtherWork', () => {
  const unanswered: MissionRunEvent = {
    type: 'ended',
    wpId: wp03,
    end: { kind: 'unanswered', step: 'submit', reason: 'locked', tookMs: 0 },
    now,
  }
  const inStep = (kind: 'resolve' | 'review' | 'submit'): MissionRunEvent => {
    const step = kind === 'resolve' ? { kind } : { kind, agent: ada }
    return { type: 'step-began', wpId: wp03, step }
  }

  it.each<readonly [string, readonly MissionRunEvent[], boolean]>([
    ['no driver', [], false],
    ['a driver', [started], true],
    ['one that waits', [started, unanswered], false],
    ['a driver that tries again what has failed for long, at its beginning', [started, unanswered, started], false],
    ['on its way there', [started, unanswered, started, inStep('resolve')], false],
    ['at that step', [started, unanswered, started, inStep('submit')], false],
    ['beyond it', [started, unanswered, started, inStep('review')], true],
  ])('%s', (_, events, hope) => {
    expect(hasOtherWork(missionAfter(...events), 0)).toBe(hope)
  })

  it('is in a try of what has not failed for long', () => {
    expect(hasOtherWork(missionAfter(started, unanswered, started), 600)).toBe(true)
  })
})
