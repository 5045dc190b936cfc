import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/core/explain/entry.ts'
import { recordedStep } from '../../../src/core/explain/recorded.ts'
import { type Decision, differs, type Rules, replay, rulesOfToday } from '../../../src/core/explain/replay.ts'
import { inRun } from '../../../src/core/mission/mission-run.ts'
import type { Step } from '../../../src/core/work-package/step.ts'
import { ada, attempt, bob, config, fact, judgement, laneId, later, node, record, work } from '../samples.ts'
import {
  agents,
  atEntry,
  begin,
  came,
  chose,
  ended,
  entriesOf,
  looked,
  type Part,
  scheduled,
  started,
  takenAway,
  wp01,
  wp02,
  wp03,
} from './entries.ts'

const replayed = (parts: readonly Part[], rules: Partial<Rules> = {}) =>
  replay(entriesOf(...parts), { ...rulesOfToday, ...rules })

function lastDecision(parts: readonly Part[], rules: Partial<Rules> = {}): Decision | null {
  return replayed(parts, rules).at(-1)?.decision ?? null
}

/** What the loop knows after these entries. */
function knownAfter(parts: readonly Part[], rules: Partial<Rules> = {}) {
  const last = replayed([...parts, { type: 'lost' }], rules).at(-1)
  if (!last) throw new Error('nothing was replayed')
  return last.known
}

const one = begin([node('WP01', 'planned')])
const two = begin([node('WP01', 'planned'), node('WP02', 'planned', 'WP01')])
const lane = laneId('lane-a')
const resolved = [chose(wp01, { kind: 'resolve' }), came(wp01, { kind: 'resolved', laneId: lane })]

/** WP01 is driven in its lane worktree; unless said, nothing is done there yet. */
function driving(more: Parameters<typeof record>[0] = {}, at: 'in_progress' | 'in_review' = 'in_progress') {
  return [begin([node('WP01', at)], { records: [record(more)] }), started(wp01), ...resolved] as const
}

describe('a replay', () => {
  it.each<readonly [string, readonly Entry[]]>([
    ['of no entries', []],
    ['of entries without their beginning', entriesOf({ type: 'paused' }, one)],
  ])('%s is empty', (_, entries) => {
    expect(replay(entries)).toEqual([])
  })

  it('says of each entry what was known before it', () => {
    const all = replayed([
      one,
      { type: 'paused' },
      { type: 'nothing-begins', because: { kind: 'paused' } },
      { type: 'lost' },
    ])
    expect(all.map(({ entry, known }) => [entry.type, known.paused])).toEqual([
      ['begin', false],
      ['paused', false],
      ['nothing-begins', true],
      ['lost', true],
    ])
    expect(all.map(({ decision }) => decision)).toEqual([null, null, null, null])
  })

  it.each<Part>([one, { type: 'nothing-begins', because: { kind: 'paused' } }, { type: 'lost' }])(
    'knows nothing more after $type',
    entry => {
      expect(knownAfter([one, entry])).toEqual(knownAfter([one]))
    },
  )

  it('begins with the mission and the records of its beginning', () => {
    const known = knownAfter([begin([node('WP01', 'in_progress')], { records: [record({ cycle: 3 })] })])
    expect(known.nodes).toEqual([node('WP01', 'in_progress')])
    expect(inRun(known, wp01).record.cycle).toBe(3)
  })
})

describe('the schedule of today', () => {
  it('is the one that was chosen', () => {
    expect(lastDecision([two, scheduled([wp01])])).toMatchObject({
      kind: 'schedule',
      chosen: { start: [wp01], resolve: [] },
      today: null,
    })
  })

  it.each([
    ['starts another WP', scheduled([wp02])],
    ['starts what was not', scheduled([])],
    ['does not ask what was asked', scheduled([wp01], { resolve: [wp02] })],
  ])('%s', (_, entry) => {
    const { start, resolve } = entry
    expect(lastDecision([two, entry])).toMatchObject({
      chosen: { start, resolve },
      today: { start: [wp01], resolve: [] },
    })
  })

  it('is given the time, the slots, and --wp', () => {
    const nodes = [node('WP01', 'planned'), node('WP02', 'planned'), node('WP03', 'planned', 'WP02')]
    const parts = [begin(nodes, { maxConcurrentWps: 3, onlyWps: [wp03] }), started(wp02), scheduled([])]
    expect(lastDecision(parts)).toMatchObject({
      today: null,
      input: {
        nodes,
        now: atEntry(2),
        freeSlots: 2,
        active: new Set([wp02]),
        selected: new Set([wp02, wp03]),
        unvouched: new Set(),
      },
    })
  })

  it('keeps who is not vouched for until that changes', () => {
    const parts = [begin([node('WP01', 'done'), node('WP02', 'planned', 'WP01')])]
    const all = replayed([
      ...parts,
      scheduled([wp02]),
      scheduled([], { unvouched: [wp01] }),
      scheduled([]),
      scheduled([wp02], { unvouched: [] }),
    ])
    const seen = all.flatMap(({ decision }) => (decision?.kind === 'schedule' ? [decision] : []))
    expect(seen.map(({ today }) => today)).toEqual([null, null, null, null])
    expect(seen.map(({ input }) => [...input.unvouched])).toEqual([[], [wp01], [wp01], []])
  })
})

describe('a step', () => {
  const claim: Step = { kind: 'claim', agent: ada }
  const wait: Step = { kind: 'wait', until: later, reason: 'rate-limit' }
  const held: Step = { kind: 'finish', end: 'held', by: 'budget', reason: 'it costs too much' }
  const adopt: Step = { kind: 'adopt', attempt: attempt(1) }

  it('is the one of today, with what was known', () => {
    expect(lastDecision([two, started(wp01), chose(wp01, claim)])).toEqual({
      kind: 'step',
      wp: { wpId: wp01, lane: 'planned', dependencies: [], worktree: null, record: record() },
      context: { config: config(), agents, now: atEntry(2), ceiling: { implementation: null, review: null } },
      chosen: recordedStep(claim),
      today: null,
    })
  })

  it.each<readonly [string, Step, Step]>([
    ['another kind', claim, { kind: 'implement', agent: ada }],
    ['another agent', claim, { kind: 'claim', agent: bob }],
    ['another attempt', adopt, { kind: 'adopt', attempt: attempt(2) }],
    ['another time', wait, { ...wait, until: later + 1 }],
    ['another end', held, { kind: 'finish', end: 'needs-person', reason: 'it costs too much' }],
    ['another cause', held, { ...held, by: 'limit' }],
  ])('of today is %s', (_, chosen, today) => {
    const parts = [two, started(wp01), chose(wp01, chosen)]
    expect(lastDecision(parts, { nextStep: () => today })).toMatchObject({
      kind: 'step',
      chosen: recordedStep(chosen),
      today: recordedStep(today),
    })
  })

  it('for the same cause in other words is no difference', () => {
    const nextStep = () => ({ ...wait, reason: 'the agent has met its limit' })
    expect(lastDecision([two, started(wp01), chose(wp01, wait)], { nextStep })).toMatchObject({ today: null })
  })

  it('is chosen with the agents as they were last recorded', () => {
    const others = { implementation: [fact(bob)], review: [] }
    const of = (...parts: readonly Part[]) => {
      const decision = lastDecision([two, ...parts, chose(wp01, claim, null)])
      return decision?.kind === 'step' ? decision.context.agents : null
    }
    expect(of(started(wp01))).toEqual({ implementation: [], review: [] })
    expect(of(started(wp01), chose(wp01, claim, others))).toEqual(others)
    // Of a WP that this version would not have driven, too.
    expect(of(chose(wp02, claim, others), started(wp01))).toEqual(others)
  })

  it('is held where the budget has said so', () => {
    const entry = { ...chose(wp01, held), ceiling: { implementation: 'it costs too much', review: null } }
    expect(lastDecision([two, started(wp01), entry])).toMatchObject({ today: null })
  })

  it.each<readonly [string, readonly Part[]]>([
    ['has not started', [two]],
    ['is not in the mission', [two, started(wp03)]],
    ['is not driven any more', [two, started(wp01), ended(wp01, null)]],
  ])('of a WP that %s is no decision', (_, parts) => {
    const wpId = parts.length === 2 ? wp03 : wp01
    expect(lastDecision([...parts, chose(wpId, claim)])).toBeNull()
  })

  it('of a WP is one after another WP has ended', () => {
    const parts = [two, started(wp01), started(wp02), ended(wp02, null)]
    expect(lastDecision([...parts, chose(wp01, claim)])).toMatchObject({ kind: 'step', today: null })
  })

  it('is known to the loop from then on, where it does something', () => {
    const state = (step: Step) => inRun(knownAfter([two, started(wp01), chose(wp01, step)]), wp01).state
    expect(state(claim)).toMatchObject({ kind: 'active', step: claim })
    expect(state(wait)).toMatchObject({ kind: 'active', step: null })
  })

  it('is chosen in the lane that the WP enters', () => {
    const rejected = record({ judgement: judgement('changes_requested') })
    const parts = [begin([node('WP01', 'in_progress')], { records: [rejected] }), started(wp01)]
    expect(lastDecision([...parts, chose(wp01, { kind: 'resolve' })])).toMatchObject({
      wp: { record: { cycle: 2, judgement: null } },
      today: null,
    })
  })
})

describe('an outcome', () => {
  it('leads to the next step', () => {
    const all = replayed([
      two,
      started(wp01),
      chose(wp01, { kind: 'claim', agent: ada }),
      came(wp01, { kind: 'claimed', laneId: lane }),
      chose(wp01, { kind: 'implement', agent: ada }),
    ])
    expect(all.map(({ decision }) => decision && differs(decision))).toEqual([null, null, false, null, false])
    const { known } = all[4] ?? {}
    expect(known?.nodes[0]?.lane).toBe('in_progress')
    expect(known && inRun(known, wp01)).toMatchObject({ lane: { kind: 'known', laneId: lane }, movedTo: 'in_progress' })
  })

  it('is that of the step before it, once', () => {
    const claimed = came(wp01, { kind: 'claimed', laneId: lane })
    const parts = [two, started(wp01), chose(wp01, { kind: 'claim', agent: ada }), claimed]
    const again = came(wp01, { kind: 'moved', to: 'for_review' })
    expect(lastDecision([...parts, again])).toBeNull()
    expect(knownAfter([...parts, again]).nodes[0]?.lane).toBe('in_progress')
  })

  it.each<readonly [string, readonly Part[]]>([
    ['that was not driven', [two]],
    ['that had no step', [two, started(wp01)]],
  ])('of a WP %s changes nothing', (_, parts) => {
    const moved = came(wp01, { kind: 'moved', to: 'for_review' })
    expect(lastDecision([...parts, moved])).toBeNull()
    expect(knownAfter([...parts, moved]).nodes[0]?.lane).toBe('planned')
  })

  it('of a step that the rules of today would not have come to is a difference', () => {
    const check = chose(wp01, { kind: 'check', work })
    const parts = [...driving(), check, came(wp01, { kind: 'checked', results: [] })]
    const decision = lastDecision(parts)
    expect(decision).toMatchObject({ kind: 'outcome', wp: { wpId: wp01 }, chosen: check.step })
    // The WP stays as it is, and what follows is judged from there.
    expect(lastDecision([...parts, chose(wp01, { kind: 'implement', agent: ada })])).toMatchObject({ today: null })
  })

  it('tells the lane worktree that another WP uses', () => {
    const inUse = came(wp01, { kind: 'worktree-in-use', by: wp02, laneId: lane, lane: 'in_progress' })
    const parts = [two, started(wp01), chose(wp01, { kind: 'claim', agent: ada }), inUse]
    const known = knownAfter(parts)
    expect(inRun(known, wp01).lane).toEqual({ kind: 'known', laneId: lane })
    expect(known.nodes[0]?.lane).toBe('in_progress')
    // Its driver asks for it before it continues.
    expect(lastDecision([...parts, chose(wp01, { kind: 'resolve' })])).toMatchObject({ today: null })
  })

  it('tells no lane worktree where it was about something else', () => {
    const parts = [two, started(wp01), chose(wp01, { kind: 'claim', agent: ada })]
    const known = knownAfter([...parts, came(wp01, { kind: 'interrupted' })])
    expect(inRun(known, wp01).lane).toEqual({ kind: 'unasked' })
    expect([...known.workPackages.keys()]).toEqual([wp01, wp02])
  })

  it('that refuses the work again, for the reason of an earlier process, asks a person', () => {
    const refusal = {
      kind: 'refused',
      reason: 'move-rejected',
      mayPass: false,
      code: 'X',
      message: 'subtasks are open',
    } as const
    const parts = [
      ...driving({ attempts: [attempt(1)], work, hostRefusals: ['subtasks are open'] }),
      chose(wp01, { kind: 'submit', agent: ada }),
      came(wp01, { ...refusal, lane: 'in_progress' }),
      chose(wp01, { kind: 'block', reason: 'the host refused the work twice for the same reason', judgement: null }),
    ]
    expect(lastDecision(parts)).toMatchObject({ kind: 'step', today: null })
  })

  it('that was away when an earlier process was to block the WP is asked to block it again', () => {
    const halt = { kind: 'blocked', reason: 'it went wrong', pendingIn: 'in_progress' } as const
    const parts = [
      ...driving({ attempts: [attempt(1)], halt }),
      chose(wp01, { kind: 'block', reason: 'it went wrong', judgement: null }),
    ]
    expect(lastDecision(parts)).toMatchObject({ kind: 'step', today: null })
  })
})

describe('a look', () => {
  const three = [node('WP01', 'in_progress'), node('WP02', 'planned'), node('WP03', 'planned')]
  it('at all WPs replaces what was known', () => {
    const known = knownAfter([begin(three), looked([node('WP02', 'done')])])
    expect(known.nodes).toEqual([node('WP02', 'done')])
  })

  it('at those that changed lanes leaves the others', () => {
    const known = knownAfter([begin(three), looked([node('WP02', 'done')], false)])
    expect(known.nodes).toEqual([three[0], node('WP02', 'done'), three[2]])
  })
})

describe('WPs that someone else has moved', () => {
  const began = { type: 'look-began' } as const
  const worked = (...ids: readonly (typeof wp01)[]) =>
    begin(
      ids.map(id => node(id, 'in_progress')),
      { records: ids.map(wpId => record({ wpId, attempts: [attempt(1)] })) },
    )
  const planned = (...ids: readonly (typeof wp01)[]) => looked(ids.map(id => node(id, 'planned')))
  const end = { type: 'paused' } as const

  /** Of the look, with what follows it. */
  function atLook(parts: readonly Part[], rules: Partial<Rules> = {}): Decision | null {
    const look = replayed(parts, rules).findLast(({ entry }) => entry.type === 'looked')
    return look?.decision ?? null
  }

  it.each<readonly [string, readonly Part[]]>([
    ['followed by more', [worked(wp01), began, planned(wp01), takenAway(wp01), end]],
    ['at the end of the record', [worked(wp01), began, planned(wp01), takenAway(wp01)]],
    ['as another WP runs', [worked(wp01), { type: 'continued' }, began, planned(wp01), takenAway(wp01), scheduled([])]],
  ])('are those that were left to them, %s', (_, parts) => {
    expect(atLook(parts)).toEqual({ kind: 'taken-away', chosen: [wp01], today: null })
  })

  it('are all of them', () => {
    const parts = [worked(wp01, wp02), began, planned(wp01, wp02), takenAway(wp01), takenAway(wp02), end]
    expect(atLook(parts)).toEqual({ kind: 'taken-away', chosen: [wp01, wp02], today: null })
  })

  it('are not those to which something else happens next', () => {
    const look = looked([node('WP01', 'planned'), node('WP02', 'in_progress')])
    const parts = [worked(wp01, wp02), began, look, takenAway(wp01), started(wp02)]
    expect(atLook(parts)).toEqual({ kind: 'taken-away', chosen: [wp01], today: null })
  })

  it('are compared with those that this look is about', () => {
    const again = [began, planned(wp01), takenAway(wp02)]
    const parts = [worked(wp01), began, planned(wp01), takenAway(wp01), ...again]
    const [first] = replayed(parts).filter(({ entry }) => entry.type === 'looked')
    expect(first?.decision).toEqual({ kind: 'taken-away', chosen: [wp01], today: null })
  })

  it.each<readonly [string, readonly Part[], Decision]>([
    [
      'some that were not left',
      [worked(wp01), began, planned(wp01), end],
      { kind: 'taken-away', chosen: [], today: [wp01] },
    ],
    [
      'more than were left',
      [worked(wp01, wp02), began, planned(wp01, wp02), takenAway(wp01), end],
      { kind: 'taken-away', chosen: [wp01], today: [wp01, wp02] },
    ],
    [
      'more than none, and another driver ends after the look',
      [worked(wp01, wp02), began, planned(wp01, wp02), ended(wp01, null)],
      { kind: 'taken-away', chosen: [], today: [wp01, wp02] },
    ],
    [
      'none of those that were left',
      [worked(wp01), began, looked([node('WP01', 'in_progress')]), takenAway(wp01), end],
      { kind: 'taken-away', chosen: [wp01], today: [] },
    ],
  ])('are by the rules of today %s', (_, parts, decision) => {
    expect(atLook(parts)).toEqual(decision)
  })

  it.each<readonly [string, readonly Part[]]>([
    ['the process ended before it named one', [worked(wp01), began, planned(wp01)]],
    ['the process ended between two', [worked(wp01, wp02), began, planned(wp01, wp02), takenAway(wp01)]],
    ['there are none', [worked(wp01), began, looked([node('WP01', 'in_progress')]), end]],
    ['it is not recorded how they were before', [worked(wp01), planned(wp01), end]],
    ['that look is over', [worked(wp01), began, looked([node('WP01', 'in_progress')]), planned(wp01), end]],
  ])('are not compared where %s', (_, parts) => {
    expect(atLook(parts)).toBeNull()
  })

  it('are looked for since the look began, not since the last move of this run', () => {
    const submitted = [
      ...driving({ attempts: [attempt(1)], work }),
      chose(wp01, { kind: 'submit', agent: ada }),
      came(wp01, { kind: 'moved', to: 'for_review' }),
      ended(wp01, null),
    ] as const
    expect(atLook([...submitted, began, planned(wp01), takenAway(wp01), end])).toMatchObject({
      today: null,
      chosen: [wp01],
    })
  })
})

describe('the decision of a person', () => {
  it('is known from then on', () => {
    const [decided] = begin([], { records: [record({ cycle: 4, retriedAfterCycle: 3 })] }).records
    if (!decided) throw new Error('no record')
    const known = knownAfter([begin([node('WP01', 'blocked')]), { type: 'decided', lane: 'planned', record: decided }])
    expect(known.nodes).toEqual([node('WP01', 'planned')])
    expect(inRun(known, wp01).record).toEqual(record({ cycle: 4, retriedAfterCycle: 3 }))
  })
})

describe('differs', () => {
  const schedule = { kind: 'taken-away', chosen: [wp01] } as const
  it.each<readonly [string, Decision, boolean]>([
    ['the same', { ...schedule, today: null }, false],
    ['something else', { ...schedule, today: [] }, true],
    [
      'an outcome that is not possible',
      {
        kind: 'outcome',
        wp: { wpId: wp01, lane: 'planned', worktree: null, record: record() },
        chosen: recordedStep({ kind: 'resolve' }),
      },
      true,
    ],
  ])('%s', (_, decision, expected) => {
    expect(differs(decision)).toBe(expected)
  })
})
