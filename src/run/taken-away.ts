import type { WpId } from '../core/ids.ts'
import { type Lane, laneName } from '../core/lane.ts'
import type { ActiveStep } from '../core/step.ts'
import type { Mission } from './look.ts'

export interface TakenAway {
  readonly wpId: WpId
  readonly from: Lane
  readonly to: Lane
}

/** What a WP is at while no call of ours moves it: such a step of its driver, or nothing, having been at work before. */
export type Still = ReadonlyMap<WpId, ActiveStep | 'idle'>

const stillSteps: readonly ActiveStep['kind'][] = ['adopt', 'implement', 'commit', 'check', 'review']
const unfinished: readonly Lane[] = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review']

/** `steps`: of the WPs that have a driver. `open`: whether this run may still go on with it. */
export function stillIn(
  mission: Mission,
  steps: ReadonlyMap<WpId, ActiveStep | null>,
  open: (wpId: WpId) => boolean,
): Still {
  const entries = mission.nodes.flatMap(({ wpId, lane }): readonly (readonly [WpId, ActiveStep | 'idle'])[] => {
    const step = steps.get(wpId)
    if (step) return stillSteps.includes(step.kind) ? [[wpId, step]] : []
    return step === undefined && open(wpId) && unfinished.includes(lane) ? [[wpId, 'idle']] : []
  })
  return new Map(entries)
}

/**
 * WPs that somebody else has moved under us. Only where they were at the same before and after the look: else the host's
 * answer may be of a moment at which we were moving them ourselves.
 */
export function takenAwayIn(looked: Mission, ours: Mission, before: Still, after: Still): readonly TakenAway[] {
  return ours.nodes.flatMap(({ wpId, lane: from }) => {
    const at = before.get(wpId)
    const to = looked.nodes.find(node => node.wpId === wpId)?.lane
    if (at === undefined || at !== after.get(wpId) || to === undefined) return []
    return laneName(from) === laneName(to) ? [] : [{ wpId, from, to }]
  })
}
