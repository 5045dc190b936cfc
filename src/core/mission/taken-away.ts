import type { WpId } from '../ids.ts'
import type { ActiveStep } from '../work-package/step.ts'
import { type GraphNode, lanesOf } from './graph.ts'
import { type Lane, laneName } from './lane.ts'
import { closedReason, inRun, type MissionRun } from './mission-run.ts'

export interface TakenAway {
  readonly wpId: WpId
  readonly from: Lane
  readonly to: Lane
}

/** The WPs that no call of this run is moving: what their driver does, or `idle` for one that agents worked on before. */
export type Still = ReadonlyMap<WpId, ActiveStep | 'idle'>

const stillSteps: readonly ActiveStep['kind'][] = ['adopt', 'implement', 'commit', 'check', 'review']
const unfinished: readonly Lane[] = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review']

export function stillIn(mission: MissionRun): Still {
  const entries = mission.nodes.flatMap(({ wpId, lane }): readonly (readonly [WpId, ActiveStep | 'idle'])[] => {
    const wp = inRun(mission, wpId)
    if (wp.state.kind === 'active') {
      const { step } = wp.state
      return step && stillSteps.includes(step.kind) ? [[wpId, step]] : []
    }
    const worked = wp.record.attempts.length > 0 && closedReason(wp) === null && wp.movedTo === null
    return worked && unfinished.includes(lane) ? [[wpId, 'idle']] : []
  })
  return new Map(entries)
}

/**
 * WPs that someone else has moved. A WP counts only where this run did the same with it before and after the look.
 * Otherwise the host's answer may be of a moment at which the run was moving it.
 */
export function takenAwayIn(looked: readonly GraphNode[], mission: MissionRun, before: Still): readonly TakenAway[] {
  const after = stillIn(mission)
  const lanes = lanesOf(looked)
  return mission.nodes.flatMap(({ wpId, lane: from }) => {
    const at = before.get(wpId)
    const to = lanes.get(wpId)
    if (at === undefined || at !== after.get(wpId) || to === undefined) return []
    return laneName(from) === laneName(to) ? [] : [{ wpId, from, to }]
  })
}
