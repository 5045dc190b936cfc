import { describe, expect, it } from 'vitest'
import { explain } from '../../../src/core/explain/explain.ts'
import { type RecordedOutcome, recordedStep } from '../../../src/core/explain/recorded.ts'
import { type Decision, replay } from '../../../src/core/explain/replay.ts'
import { beginMissionRun } from '../../../src/core/mission/mission-run.ts'
import type { DriverEnd, Step } from '../../../src/core/work-package/step.ts'
import { ada, attempt, bob, config, fact, laneId, later, node, now, record, work, workPackage } from '../samples.ts'
import {
  agents,
  atEntry,
  begin,
  came,
  chose,
  ended,
  entriesOf,
  explained,
  ofKind,
  type Part,
  scheduled,
  started,
  takenAway,
  wp01,
  wp02,
  wp03,
} from './entries.ts'

const lane = laneId('lane-a')
const claim: Step = { kind: 'claim', agent: ada }
const claimed = came(wp01, { kind: 'claimed', laneId: lane })

describe('the explanation of a process', () => {
  it('begins with what it has begun with', () => {
    const nodes = [node('WP01', 'planned'), node('WP02', 'planned')]
    expect(explained(begin(nodes, { maxConcurrentWps: 3 }))).toEqual([
      { kind: 'process', at: now, workPackages: 2, maxConcurrentWps: 3 },
    ])
  })

  it('says where the record of it ends too early', () => {
    expect(explained(begin([]), { type: 'lost' }).at(-1)).toEqual({ kind: 'lost', at: atEntry(1) })
  })

  it('is empty where nothing is known', () => {
    expect(explain([])).toEqual([])
  })

  const [decided] = begin([], { records: [record()] }).records
  const happened: readonly Part[] = [
    { type: 'paused' },
    { type: 'continued' },
    { type: 'clock-set-back' },
    takenAway(wp01),
    { type: 'skip-began', wpId: wp01 },
    { type: 'skip-failed', wpId: wp01 },
    ...(decided ? [{ type: 'decided', lane: 'planned', record: decided } as const] : []),
  ]
  it.each(happened)('tells what happened: $type', event => {
    expect(explained(begin([node('WP01', 'in_progress')]), event).slice(1)).toEqual([
      { kind: 'event', at: atEntry(1), event: { ...event, at: atEntry(1) } },
    ])
  })

  it.each<Part>([
    { type: 'look-began' },
    { type: 'looked', whole: true, nodes: [] },
    { type: 'lane-known', wpId: wp01, laneId: lane },
    { type: 'releases-needed', wpIds: [] },
    claimed,
  ])('leaves out what changes nothing for a person: $type', event => {
    expect(explained(begin([node('WP01', 'planned')]), event)).toHaveLength(1)
  })
})

describe('a start', () => {
  const nodes = [node('WP01', 'done'), node('WP02', 'approved'), node('WP03', 'planned', 'WP01', 'WP02')]
  it('is said with what it depends on', () => {
    expect(explained(begin(nodes), started(wp03)).at(-1)).toEqual({
      kind: 'starts',
      at: atEntry(1),
      wpId: wp03,
      lane: 'planned',
      after: [nodes[0], nodes[1]],
      beside: [],
    })
  })

  it('is said with the WPs that are driven already', () => {
    const free = begin([node('WP01', 'for_review'), node('WP02', 'planned'), node('WP03', 'planned')])
    expect(ofKind(explained(free, started(wp01), started(wp02)), 'starts')).toMatchObject([
      { wpId: wp01, lane: 'for_review', after: [], beside: [] },
      { wpId: wp02, lane: 'planned', after: [], beside: [wp01] },
    ])
  })

  it('of a WP that is not in the mission any more is said all the same', () => {
    expect(explained(begin([node('WP01', 'done')]), started(wp03)).at(-1)).toMatchObject({ lane: 'planned', after: [] })
  })
})

describe('the end of a driver', () => {
  const one = begin([node('WP01', 'planned')])
  it.each<readonly [string, DriverEnd, string | null]>([
    ['because the run stops', null, null],
    [
      'because of the budget',
      { kind: 'finish', end: 'held', by: 'budget', reason: 'it costs too much' },
      'it costs too much',
    ],
  ])('is said: %s', (_, end, reason) => {
    expect(explained(one, started(wp01), ended(wp01, end)).at(-1)).toEqual({
      kind: 'released',
      at: atEntry(2),
      wpId: wp01,
      reason,
    })
  })

  it.each<readonly [string, DriverEnd]>([
    ['nothing is left to do', { kind: 'finish', end: 'complete' }],
    ['a person is needed', { kind: 'finish', end: 'needs-person', reason: 'it is blocked' }],
    ['a limit holds it', { kind: 'finish', end: 'held', by: 'limit', reason: 'usage-limit' }],
    ['it waits', { kind: 'wait', until: later, reason: 'rate-limit' }],
    ['it is tried again', { kind: 'unanswered', step: 'claim', reason: 'a lock', tookMs: 0 }],
  ])('is that of its last step: %s', (_, end) => {
    const all = explained(one, started(wp01), ended(wp01, end))
    expect(all.map(({ kind }) => kind)).toEqual(['process', 'starts'])
  })
})

describe('a step', () => {
  const one = begin([node('WP01', 'planned'), node('WP02', 'planned')], { records: [record({ cycle: 2 })] })

  it('is said with its WP as it was, and what came of it', () => {
    const all = explained(one, started(wp01), chose(wp01, claim), claimed)
    expect(ofKind(all, 'step')).toEqual([
      {
        kind: 'step',
        at: atEntry(2),
        wpId: wp01,
        lane: 'planned',
        cycle: 2,
        step: recordedStep(claim),
        passedOver: [],
        outcome: { kind: 'claimed', laneId: lane },
      },
    ])
  })

  it('of a WP that is not driven is left out', () => {
    expect(explained(one, chose(wp01, claim)).map(({ kind }) => kind)).toEqual(['process'])
  })

  const other: RecordedOutcome = { kind: 'interrupted' }
  it.each<readonly [string, readonly Part[], RecordedOutcome | null]>([
    ['after that of another WP', [came(wp02, other), claimed], claimed.outcome],
    ['after the step of another WP', [chose(wp02, claim), claimed], claimed.outcome],
    ['after the end of another WP', [ended(wp02, null), claimed], claimed.outcome],
    ['after something that happens to the WP', [takenAway(wp01), claimed], claimed.outcome],
    ['that was not seen', [], null],
    ['of another WP only', [came(wp02, other)], null],
    ['not after its next step', [chose(wp01, claim), claimed], null],
    ['not after its end', [ended(wp01, null), claimed], null],
  ])('has the outcome %s', (_, following, outcome) => {
    const [step] = ofKind(explained(one, started(wp01), chose(wp01, claim), ...following), 'step')
    expect(step?.outcome).toEqual(outcome)
  })

  it('has the first of two outcomes, and none from before it', () => {
    const [first, second] = ofKind(
      explained(
        one,
        started(wp01),
        came(wp01, other),
        chose(wp01, claim),
        claimed,
        came(wp01, other),
        chose(wp01, claim),
      ),
      'step',
    )
    expect([first?.outcome, second?.outcome]).toEqual([claimed.outcome, null])
  })
})

describe('a step names the agents that were passed over', () => {
  const out = {
    implementation: [fact(ada, { out: 'disabled' }), fact(bob)],
    review: [fact(bob, { out: 'no reviewer' }), fact(ada)],
  }
  const over = (at: string, step: Step, given: Parameters<typeof record>[0] = {}) =>
    ofKind(
      explained(begin([node('WP01', at)], { records: [record(given)] }), started(wp01), chose(wp01, step, out)),
      'step',
    )[0]?.passedOver

  const ofAda = [{ agent: ada, why: { kind: 'out', reason: 'disabled' } }]
  const ofBob = [{ agent: bob, why: { kind: 'out', reason: 'no reviewer' } }]
  const wait: Step = { kind: 'wait', until: later, reason: 'rate-limit' }
  const rows: readonly (readonly [string, Step, unknown])[] = [
    ['planned', { kind: 'claim', agent: bob }, ofAda],
    ['in_progress', { kind: 'implement', agent: bob }, ofAda],
    ['in_progress', wait, ofAda],
    ['for_review', { kind: 'start-review', agent: ada }, ofBob],
    ['in_review', { kind: 'review', agent: ada }, ofBob],
    ['for_review', wait, ofBob],
    ['in_review', wait, ofBob],
  ]
  it.each(rows.map(([at, step, expected]) => ({ at, step, expected })))(
    'in $at: $step.kind',
    ({ at, step, expected }) => {
      expect(over(at, step)).toEqual(expected)
    },
  )

  it.each<Step>([
    { kind: 'submit', agent: bob },
    { kind: 'resolve' },
    { kind: 'check', work },
    { kind: 'commit', attempt: attempt(1) },
    { kind: 'block', reason: 'no agent can do it', judgement: null },
    { kind: 'finish', end: 'complete' },
  ])('but not where none is chosen: $kind', step => {
    expect(over('in_progress', step)).toEqual([])
  })

  it('by what was known of the WP, the rules, and the time', () => {
    const cools = (until: number) => fact(ada, { coolingUntil: until, coolingReason: 'rate-limit' })
    const over = (until: number) =>
      ofKind(
        explained(
          begin([node('WP01', 'planned')]),
          started(wp01),
          chose(wp01, { kind: 'claim', agent: bob }, { ...agents, implementation: [cools(until), fact(bob)] }),
        ),
        'step',
      )[0]?.passedOver
    expect(over(atEntry(2))).toEqual([])
    expect(over(atEntry(2) + 1)).toMatchObject([{ agent: ada, why: { kind: 'cooling' } }])
  })
})

describe('a difference', () => {
  const step = recordedStep(claim)
  const today = recordedStep({ kind: 'resolve' })
  const context = { config: config(), agents, now, ceiling: { implementation: null, review: null } }
  const known = beginMissionRun([node('WP01', 'planned')], new Map())
  const differences = (decision: Decision | null) => {
    const entry = { type: 'continued', at: now } as const
    return explain([{ entry, known, decision }]).filter(({ kind }) => kind !== 'event')
  }
  const stepDecision = { kind: 'step', wp: workPackage('planned'), context, chosen: step } as const
  const schedule = (
    today: { start: readonly (typeof wp01)[]; resolve: readonly (typeof wp01)[] } | null,
  ): Decision | null => {
    const [first] = replay(entriesOf(begin([node('WP01', 'planned')]), scheduled([wp01], { resolve: [wp02] }))).slice(1)
    return first?.decision?.kind === 'schedule' ? { ...first.decision, today } : null
  }

  it('of the schedule names all WPs of both, each once', () => {
    expect(differences(schedule({ start: [wp01, wp03], resolve: [wp02] }))).toEqual([
      {
        kind: 'differs',
        at: now,
        what: 'schedule',
        wpIds: [wp01, wp02, wp03],
        chosen: { start: [wp01], resolve: [wp02] },
        today: { start: [wp01, wp03], resolve: [wp02] },
      },
    ])
  })

  it('of a step names both', () => {
    expect(differences({ ...stepDecision, today })).toEqual([
      { kind: 'differs', at: now, what: 'step', wpIds: [wp01], chosen: step, today },
    ])
  })

  it('of an outcome names the step that is not possible', () => {
    expect(differences({ kind: 'outcome', wp: workPackage('planned'), chosen: step })).toEqual([
      { kind: 'differs', at: now, what: 'outcome', wpIds: [wp01], chosen: step },
    ])
  })

  it('of what was left to others names both', () => {
    expect(differences({ kind: 'taken-away', chosen: [wp01], today: [wp02] })).toEqual([
      { kind: 'differs', at: now, what: 'taken-away', wpIds: [wp01, wp02], chosen: [wp01], today: [wp02] },
    ])
  })

  it.each<readonly [string, Decision | null]>([
    ['the schedule', schedule(null)],
    ['the step', { ...stepDecision, today: null }],
    ['what was left to others', { kind: 'taken-away', chosen: [wp01], today: null }],
    ['no decision', null],
  ])('is not said where there is none: %s', (_, decision) => {
    expect(differences(decision)).toEqual([])
  })

  it('stands before the decision that it is about', () => {
    const one = begin([node('WP01', 'planned')])
    const all = explained(one, started(wp01), chose(wp01, { kind: 'claim', agent: bob }))
    expect(all.map(({ kind }) => kind)).toEqual(['process', 'starts', 'differs', 'step'])
  })
})
