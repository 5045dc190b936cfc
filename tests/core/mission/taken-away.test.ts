import { describe, expect, it } from 'vitest'
import { applyMissionEvent, type MissionRunEvent } from '../../../src/core/mission/mission-event.ts'
import { beginMissionRun } from '../../../src/core/mission/mission-run.ts'
import { stillIn, takenAwayIn } from '../../../src/core/mission/taken-away.ts'
import type { ActiveStep } from '../../../src/core/work-package/step.ts'
import { newRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, node, now, wp } from '../samples.ts'

const wpId = wp('WP01')
const worked = { ...newRecord(wpId), attempts: [attempt(1)] }
const begun = beginMissionRun([node('WP01', 'in_progress')], new Map([[wpId, worked]]))
const then = (...events: readonly MissionRunEvent[]) => events.reduce(applyMissionEvent, begun)
const started: MissionRunEvent = { type: 'started', wpId }
const at = (step: ActiveStep): MissionRunEvent => ({ type: 'step-began', wpId, step })
const implement: ActiveStep = { kind: 'implement', agent: ada }
const taken: MissionRunEvent = { type: 'taken-away', wpId, from: 'in_progress', to: 'planned' }
const moved = { wpId, lane: 'for_review', worktree: null, record: worked } as const

describe('stillIn', () => {
  it.each<readonly [string, readonly MissionRunEvent[], 'idle' | ActiveStep | undefined]>([
    ['was worked on and is idle', [], 'idle'],
    ['has a driver without a step', [started], undefined],
    ['has an agent', [started, at(implement)], implement],
    ['is being moved', [started, at({ kind: 'submit', agent: ada })], undefined],
    ['was taken away', [taken], undefined],
    ['was moved by us since the last look began', [{ type: 'changed', wp: moved }], undefined],
    ['was moved by us before', [{ type: 'changed', wp: moved }, { type: 'look-began' }], 'idle'],
    ['waits', [started, { type: 'ended', wpId, end: { kind: 'wait', until: now, reason: '' }, now }], 'idle'],
    ['is approved', [{ type: 'looked', nodes: [node('WP01', 'approved')] }], undefined],
  ])('a WP that %s', (_, events, still) => {
    expect(stillIn(then(...events)).get(wpId)).toEqual(still)
  })

  it('a WP that no agent has worked on', () => {
    expect(stillIn(beginMissionRun([node('WP01', 'planned')], new Map())).size).toBe(0)
  })
})

describe('takenAwayIn', () => {
  const looked = [node('WP01', 'planned')]
  const before = stillIn(begun)
  const untouched = beginMissionRun([node('WP01', 'planned')], new Map())

  it('names a WP that is in another lane although this run did not move it', () => {
    expect(takenAwayIn(looked, begun, before)).toEqual([{ wpId, from: 'in_progress', to: 'planned' }])
  })

  it.each([
    ['is where it was', [node('WP01', 'in_progress')], begun, before],
    ['is no longer in the mission', [], begun, before],
    ['was moving when the look began', looked, begun, new Map()],
    ['this run does nothing with', [node('WP01', 'done')], untouched, stillIn(untouched)],
    ['was moved by this run meanwhile', looked, then({ type: 'changed', wp: moved }), before],
    ['was started meanwhile', looked, then(started, at(implement)), before],
  ])('does not name a WP that %s', (_, nodes, mission, still) => {
    expect(takenAwayIn(nodes, mission, still)).toEqual([])
  })

  it('looks at each WP for itself', () => {
    const mission = beginMissionRun([node('WP01', 'in_progress'), node('WP02', 'planned')], new Map([[wpId, worked]]))
    const nodes = [node('WP02', 'done'), node('WP01', 'in_progress')]
    expect(takenAwayIn(nodes, mission, stillIn(mission))).toEqual([])
  })

  it('names a WP whose agent runs, and not one whose agent began another step meanwhile', () => {
    const running = then(started, at(implement))
    expect(takenAwayIn(looked, running, stillIn(running))).toHaveLength(1)
    const next = applyMissionEvent(running, at({ kind: 'implement', agent: ada }))
    expect(takenAwayIn(looked, next, stillIn(running))).toEqual([])
  })
})
