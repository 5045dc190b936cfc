import type { WpId } from '../../src/core/ids.ts'
import { type GraphNode, lanesOf } from '../../src/core/mission/graph.ts'
import type { Lane } from '../../src/core/mission/lane.ts'
import { applyMissionEvent } from '../../src/core/mission/mission-event.ts'
import { beginMissionRun, type MissionRun, workPackageIn } from '../../src/core/mission/mission-run.ts'
import {
  activeWps,
  hasOtherWork,
  lastingTroubles,
  nextStart,
  scheduleInput,
} from '../../src/core/mission/mission-schedule.ts'
import { schedule } from '../../src/core/mission/schedule.ts'
import { stillIn, takenAwayIn } from '../../src/core/mission/taken-away.ts'
import type { WpRecord } from '../../src/core/work-package/work-package.ts'

/** What the loop decides when a WP has ended and the host was read, without the host. Returns the processor time of each turn, in milliseconds. */
export function pureTurns(nodes: readonly GraphNode[], record: WpRecord, turns: number): readonly number[] {
  const records = new Map(nodes.flatMap(({ wpId, lane }) => (lane === 'done' ? [[wpId, { ...record, wpId }]] : [])))
  const lanes = new Map<WpId, Lane>(lanesOf(nodes))
  const times: number[] = []
  let mission = beginMissionRun(nodes, records)
  for (let turn = 0; turn < turns; turn += 1) {
    const [ended] = activeWps(mission)
    if (ended) lanes.set(ended, 'done')
    const looked = nodes.map(node => ({ ...node, lane: lanes.get(node.wpId) ?? node.lane }))
    const began = process.cpuUsage()
    mission = afterEnd(mission, ended, record)
    const still = stillIn(mission)
    const taken = takenAwayIn(looked, mission, still)
    if (taken.length > 0) throw new Error('nobody moves anything here')
    mission = applyMissionEvent(applyMissionEvent(mission, { type: 'look-began' }), { type: 'looked', nodes: looked })
    mission = applyMissionEvent(mission, { type: 'releases-needed', wpIds: [] })
    const input = scheduleInput(mission, { onlyWps: null, maxConcurrentWps: 8, unvouched: new Set(), now: turn })
    const { start, resolve } = schedule(input)
    lastingTroubles(mission, 600)
    hasOtherWork(mission, 600)
    nextStart(mission, turn)
    const { user, system } = process.cpuUsage(began)
    times.push((user + system) / 1000)
    for (const wpId of [...start, ...resolve]) {
      mission = applyMissionEvent(mission, { type: 'started', wpId })
      lanes.set(wpId, 'in_progress')
    }
  }
  return times
}

function afterEnd(mission: MissionRun, wpId: WpId | undefined, record: WpRecord): MissionRun {
  const wp = wpId && workPackageIn(mission, wpId)
  if (!wp) return mission
  const changed = { ...wp, lane: 'done', record: { ...record, wpId: wp.wpId } } as const
  const after = applyMissionEvent(mission, { type: 'changed', wp: changed })
  return applyMissionEvent(after, { type: 'ended', wpId: wp.wpId, end: { kind: 'finish', end: 'complete' }, now: 0 })
}
