import { describe, expect, it } from 'vitest'
import { applyMissionEvent, type MissionRunEvent } from '../../../src/core/mission/mission-event.ts'
import {
  beginMissionRun,
  inRun,
  type MissionRun,
  type WpInRun,
  type WpState,
} from '../../../src/core/mission/mission-run.ts'
import type { Trouble } from '../../../src/core/mission/trouble.ts'
import type { DriverEnd } from '../../../src/core/work-package/step.ts'
import { newRecord, type WorkPackage } from '../../../src/core/work-package/work-package.ts'
import { attempt, laneId, later, node, now, worktree, wp } from '../samples.ts'

const wpId = wp('WP01')
const nodes = [node('WP01', 'in_progress'), node('WP02', 'planned', 'WP01')]

/** Every state, by the name that it has in the table. `+`: released. */
const states: Readonly<Record<string, WpState>> = {
  idle: { kind: 'idle', released: false },
  'idle+': { kind: 'idle', released: true },
  active: { kind: 'active', step: null, takenAway: null, released: false },
  'active+': { kind: 'active', step: null, takenAway: null, released: true },
  leaving: { kind: 'active', step: null, takenAway: 'moved', released: false },
  waiting: { kind: 'waiting', until: later, released: false },
  'waiting+': { kind: 'waiting', until: later, released: true },
  held: { kind: 'held', by: 'budget', reason: 'all is spent' },
  closed: { kind: 'closed', because: 'needs-person', reason: 'it failed' },
  refused: { kind: 'closed', because: 'not-released', reason: 'a dependency is canceled' },
  taken: { kind: 'taken-away', reason: 'moved' },
}

function nameOf(state: WpState): string {
  const plus = 'released' in state && state.released ? '+' : ''
  if (state.kind === 'taken-away') return 'taken'
  if (state.kind === 'closed') return state.because === 'not-released' ? 'refused' : 'closed'
  if (state.kind === 'active' && state.takenAway !== null) return `leaving${plus}`
  return `${state.kind}${plus}`
}

function missionWith(state: WpState, more: Partial<WpInRun> = {}): MissionRun {
  const begun = beginMissionRun(nodes, new Map())
  return { ...begun, workPackages: new Map(begun.workPackages).set(wpId, { ...inRun(begun, wpId), state, ...more }) }
}

const ended = (end: DriverEnd): MissionRunEvent => ({ type: 'ended', wpId, end, now })
const needsPerson = { kind: 'finish', end: 'needs-person', reason: 'no agent is left' } as const
const held = { kind: 'finish', end: 'held', by: 'limit', reason: 'over its limit' } as const
const noAnswer = (waits: boolean, what: 'lane' | 'list-ready' = 'lane'): MissionRunEvent => {
  return { type: 'host-unanswered', wpId, what, reason: 'no answer', waits, now, tookMs: 0 }
}
const asNow: WorkPackage = { wpId, lane: 'for_review', worktree: null, record: { ...newRecord(wpId), cycle: 2 } }

const events: Readonly<Record<string, MissionRunEvent>> = {
  started: { type: 'started', wpId },
  'step-began': { type: 'step-began', wpId, step: { kind: 'resolve' } },
  'ended: complete': ended({ kind: 'finish', end: 'complete' }),
  'ended: stopping': ended(null),
  'ended: needs-person': ended(needsPerson),
  'ended: held': ended(held),
  'ended: wait': ended({ kind: 'wait', until: later, reason: 'a limit' }),
  'ended: unanswered': ended({ kind: 'unanswered', step: 'claim', reason: 'locked', tookMs: 0 }),
  'taken-away': { type: 'taken-away', wpId, from: 'in_progress', to: 'planned' },
  'skip-began': { type: 'skip-began', wpId },
  'skip-failed': { type: 'skip-failed', wpId },
  'lane-known': { type: 'lane-known', wpId, laneId: laneId('lane-b') },
  'lane asked, waits': noAnswer(true),
  'lane asked for others': noAnswer(false),
  'release: yes': { type: 'release-answered', wpId, released: true },
  'release: no': { type: 'release-answered', wpId, released: false, reason: 'no' },
  'release needed': { type: 'releases-needed', wpIds: [wpId] },
  'release not needed': { type: 'releases-needed', wpIds: [wp('WP02')] },
  changed: { type: 'changed', wp: asNow },
  decided: { type: 'decided', wp: asNow },
  paused: { type: 'paused' },
  continued: { type: 'continued' },
  'clock-set-back': { type: 'clock-set-back' },
  'look-began': { type: 'look-began' },
  looked: { type: 'looked', nodes },
}

/** What each event makes of each state; `.`: it stays as it is. */
const table = `
                      | idle    | idle+    | active   | active+  | leaving | waiting | waiting+ | held | closed | refused | taken
started               | active  | active+  | .        | .        | .       | active  | active+  | .    | .      | .       | .
step-began            | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
ended: complete       | .       | .        | idle     | idle+    | taken   | .       | .        | .    | .      | .       | .
ended: stopping       | .       | .        | idle     | idle+    | taken   | .       | .        | .    | .      | .       | .
ended: needs-person   | .       | .        | closed   | closed   | closed  | .       | .        | .    | .      | .       | .
ended: held           | .       | .        | held     | held     | held    | .       | .        | .    | .      | .       | .
ended: wait           | .       | .        | waiting  | waiting+ | taken   | .       | .        | .    | .      | .       | .
ended: unanswered     | .       | .        | waiting  | waiting+ | taken   | .       | .        | .    | .      | .       | .
taken-away            | taken   | taken    | leaving  | leaving+ | .       | taken   | taken    | .    | .      | .       | .
skip-began            | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
skip-failed           | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
lane-known            | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
lane asked, waits     | waiting | waiting+ | .        | .        | .       | .       | .        | .    | .      | .       | .
lane asked for others | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
release: yes          | idle+   | .        | .        | .        | .       | waiting+ | .       | .    | .      | .       | .
release: no           | refused | refused  | .        | .        | .       | refused | refused  | .    | .      | .       | .
release needed        | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
release not needed    | .       | idle     | .        | active   | .       | .       | waiting  | .    | .      | idle    | .
changed               | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
decided               | .       | idle     | .        | active   | active  | idle    | idle     | idle | idle   | idle    | idle
paused                | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
continued             | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
clock-set-back        | .       | .        | .        | .        | .       | idle    | idle+    | .    | .      | .       | .
look-began            | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
looked                | .       | .        | .        | .        | .       | .       | .        | .    | .      | .       | .
`

const [header = [], ...rows] = table
  .trim()
  .split('\n')
  .map(line => line.split('|').map(cell => cell.trim()))
const columns = header.filter(name => name !== '')
const cells = rows.flatMap(([event = '', ...after]) =>
  columns.map((state, index) => [event, state, after[index] === '.' ? state : (after[index] ?? '')] as const),
)

describe('applyMissionEvent', () => {
  it('has a row for every event and a column for every state', () => {
    expect(rows.map(([event]) => event)).toEqual(Object.keys(events))
    expect(columns).toEqual(Object.keys(states))
  })

  it.each(cells)('%s: %s -> %s', (eventName, stateName, expected) => {
    const [event, state] = [events[eventName], states[stateName]]
    if (!event || !state) throw new Error('the table names what is not there')
    expect(nameOf(inRun(applyMissionEvent(missionWith(state), event), wpId).state)).toBe(expected)
  })

  it.each(Object.entries(events))('%s leaves the value that it was given as it was', (_, event) => {
    for (const state of Object.values(states)) {
      const mission = missionWith(state)
      const before = structuredClone(mission)
      applyMissionEvent(mission, event)
      expect(mission).toEqual(before)
    }
  })

  it.each(Object.entries(events).filter(([, event]) => 'wpId' in event || 'wp' in event))(
    '%s concerns one WP, and no other changes',
    (_, event) => {
      const mission = missionWith({ kind: 'active', step: null, takenAway: null, released: false })
      const after = applyMissionEvent(mission, event)
      expect(inRun(after, wp('WP02'))).toBe(inRun(mission, wp('WP02')))
      expect(after.nodes[1]).toBe(mission.nodes[1])
      expect(after.paused).toBe(false)
    },
  )
})

const active: WpState = { kind: 'active', step: null, takenAway: null, released: false }
const idle: WpState = { kind: 'idle', released: false }
const trouble: Trouble = {
  what: 'claim',
  reason: 'locked',
  times: 2,
  lastedMs: 5_000,
  metAt: now - 10_000,
  askAgainAt: now,
}

function wpAfter(state: WpState, event: MissionRunEvent, more: Partial<WpInRun> = {}): WpInRun {
  return inRun(applyMissionEvent(missionWith(state, more), event), wpId)
}

describe('what an event keeps of its own', () => {
  it('is paused and continues', () => {
    const paused = applyMissionEvent(missionWith(idle), { type: 'paused' })
    expect(paused.paused).toBe(true)
    expect(applyMissionEvent(paused, { type: 'continued' }).paused).toBe(false)
  })

  it('is at the step that its driver began', () => {
    const step = { kind: 'resolve' } as const
    expect(wpAfter(active, { type: 'step-began', wpId, step }).state).toEqual({ ...active, step })
    expect(wpAfter(idle, { type: 'step-began', wpId, step }).state).toEqual(idle)
  })

  it('is held, closed, waiting or taken away for the reason that is given', () => {
    expect(wpAfter(active, ended(held)).state).toEqual({ kind: 'held', by: 'limit', reason: 'over its limit' })
    expect(wpAfter(active, ended(needsPerson)).state).toEqual({
      kind: 'closed',
      because: 'needs-person',
      reason: 'no agent is left',
    })
    expect(wpAfter(active, ended({ kind: 'wait', until: later, reason: '' })).state).toMatchObject({ until: later })
    const taken = wpAfter(idle, { type: 'taken-away', wpId, from: 'in_progress', to: 'planned' })
    expect(taken.state).toEqual({ kind: 'taken-away', reason: 'someone else moved it from in_progress to planned' })
    expect(wpAfter(idle, { type: 'release-answered', wpId, released: false, reason: 'no' }).state).toMatchObject({
      reason: 'no',
    })
  })

  it('is skipped until the skip has failed or was carried out', () => {
    const skipping = wpAfter(idle, { type: 'skip-began', wpId })
    expect(skipping.skipping).toBe(true)
    expect(wpAfter(idle, { type: 'skip-failed', wpId }, skipping).skipping).toBe(false)
    expect(wpAfter(idle, { type: 'decided', wp: asNow }, skipping).skipping).toBe(false)
  })
})

describe('a trouble', () => {
  it.each<readonly [string, WpState, MissionRunEvent, number, Partial<Trouble> | null]>([
    ['counts on over a try', active, ended({ kind: 'unanswered', step: 'claim', reason: 'again', tookMs: 0 }), 3, null],
    [
      'is new for another step',
      active,
      ended({ kind: 'unanswered', step: 'submit', reason: 'no', tookMs: 0 }),
      1,
      null,
    ],
    ['is new for a question', idle, noAnswer(true), 1, null],
    ['counts on over a question', idle, noAnswer(true), 3, { what: 'lane' }],
    ['stays while the WP tries again', idle, { type: 'started', wpId }, 2, null],
    ['stays when only the lane was learnt', idle, { type: 'lane-known', wpId, laneId: laneId('lane-b') }, 2, null],
    ['is over once the driver got further', active, ended(null), 0, null],
    ['is over when list-ready answers', idle, { type: 'release-answered', wpId, released: true }, 0, null],
    ['is over when a person decides', idle, { type: 'decided', wp: asNow }, 0, null],
    [
      'about the lane is over when that is learnt',
      idle,
      { type: 'lane-known', wpId, laneId: laneId('lane-b') },
      0,
      { what: 'lane' },
    ],
  ])('%s', (_, state, event, times, more) => {
    expect(wpAfter(state, event, { trouble: { ...trouble, ...more } }).trouble?.times ?? 0).toBe(times)
  })

  it('makes a WP wait until it is tried again', () => {
    const { state, trouble: met } = wpAfter(
      active,
      ended({ kind: 'unanswered', step: 'claim', reason: 'locked', tookMs: 0 }),
    )
    expect(met).toMatchObject({ what: 'claim', reason: 'locked', times: 1, metAt: now })
    expect(state).toEqual({ kind: 'waiting', until: met?.askAgainAt, released: false })
  })

  it('moves the time of a WP that waits for the answer, and of no other', () => {
    const waiting: WpState = { kind: 'waiting', until: later, released: false }
    const asked = wpAfter(waiting, noAnswer(true))
    expect(asked.state).toEqual({ ...waiting, until: asked.trouble?.askAgainAt })
    expect(wpAfter(waiting, noAnswer(false)).state).toEqual(waiting)
  })
})

describe('the lane worktree', () => {
  const known = { kind: 'known', laneId: worktree.laneId } as const
  const others = [node('WP01', 'in_progress'), node('WP02', 'planned')]

  it('is unasked, unanswered or known', () => {
    expect(wpAfter(idle, { type: 'started', wpId }).lane).toEqual({ kind: 'unasked' })
    expect(wpAfter(idle, noAnswer(false)).lane).toEqual({ kind: 'unanswered' })
    expect(wpAfter(idle, noAnswer(false, 'list-ready')).lane).toEqual({ kind: 'unasked' })
    const answered = wpAfter(idle, { type: 'lane-known', wpId, laneId: worktree.laneId })
    expect(answered).toMatchObject({ lane: known, worktree: null })
    expect(wpAfter(active, { type: 'changed', wp: { ...asNow, worktree } })).toMatchObject({ lane: known, worktree })
  })

  it('is kept where an outcome names none', () => {
    expect(wpAfter(active, { type: 'changed', wp: asNow }, { lane: known, worktree })).toMatchObject({
      lane: known,
      worktree,
    })
  })

  it.each<readonly [string, WpState, WpInRun['lane'], WpInRun['lane']['kind']]>([
    ['forgotten', idle, known, 'unasked'],
    ['asked for again', idle, { kind: 'unanswered' }, 'unasked'],
    ['kept while a driver works in it', active, known, 'known'],
    ['asked for again while a driver runs', active, { kind: 'unanswered' }, 'unasked'],
  ])('is %s when the graph changes', (_, state, lane, expected) => {
    const looked = wpAfter(state, { type: 'looked', nodes: others }, { lane, worktree })
    expect(looked.lane.kind).toBe(expected)
    expect(looked.worktree).toEqual(worktree)
    expect(wpAfter(state, { type: 'looked', nodes }, { lane }).lane).toEqual(lane)
  })
})

describe('lanes of the host', () => {
  const laneOf = (mission: MissionRun) => mission.nodes.map(({ lane }) => lane)

  it('are those of the last look', () => {
    const looked = applyMissionEvent(missionWith(idle), { type: 'looked', nodes: [node('WP01', 'approved')] })
    expect(looked.nodes).toEqual([node('WP01', 'approved')])
  })

  it('are ours where this run moved the WP while the host answered', () => {
    const changed = applyMissionEvent(missionWith(active), { type: 'changed', wp: asNow })
    expect(laneOf(changed)).toEqual(['for_review', 'planned'])
    expect(inRun(changed, wpId)).toMatchObject({ movedTo: 'for_review', record: { cycle: 2 } })
    expect(laneOf(applyMissionEvent(changed, { type: 'looked', nodes }))).toEqual(['for_review', 'planned'])
    const again = applyMissionEvent(changed, { type: 'look-began' })
    expect(laneOf(applyMissionEvent(again, { type: 'looked', nodes }))).toEqual(['in_progress', 'planned'])
  })

  it.each<readonly [string, WpState, Partial<WpInRun>]>([
    ['was taken away', { ...active, takenAway: 'moved' }, {}],
    ['is being skipped', active, { skipping: true }],
  ])('are those of the look, not of the driver, where the WP %s', (_, state, more) => {
    const changed = applyMissionEvent(missionWith(state, more), { type: 'changed', wp: asNow })
    expect(laneOf(changed)).toEqual(['in_progress', 'planned'])
    expect(inRun(changed, wpId)).toMatchObject({ movedTo: null, record: { cycle: 2 } })
  })

  it('are as a person decided', () => {
    const decided = applyMissionEvent(missionWith(idle), { type: 'decided', wp: asNow })
    expect(laneOf(decided)).toEqual(['for_review', 'planned'])
    expect(inRun(decided, wpId)).toMatchObject({ movedTo: 'for_review', record: { cycle: 2 } })
  })
})

describe('a WP that is not in the mission', () => {
  it('is known by its record, and has one of its own otherwise', () => {
    const record = { ...newRecord(wp('WP03')), attempts: [attempt(1)] }
    const mission = beginMissionRun(nodes, new Map([[record.wpId, record]]))
    expect(inRun(mission, record.wpId).record).toBe(record)
    expect(inRun(mission, wp('WP04')).record).toEqual(newRecord(wp('WP04')))
    expect(inRun(applyMissionEvent(mission, { type: 'looked', nodes: [] }), wpId).record).toEqual(newRecord(wpId))
  })
})
