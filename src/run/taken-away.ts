import type { WpId } from '../core/ids.ts'
import { type Lane, laneName } from '../core/lane.ts'
import type { WpRecord } from '../core/work-package.ts'
import type { Mission } from './look.ts'

export interface TakenAway {
  readonly wpId: WpId
  readonly from: Lane
  readonly to: Lane
}

/** The WPs with an agent at work, with the number of its attempt: while it lasts, no call of ours moves the WP. */
export function atWork(records: readonly WpRecord[]): ReadonlyMap<WpId, number> {
  const running = records.flatMap(({ wpId, attempts }) => {
    const last = attempts.at(-1)
    return last && last.result === null && last.process !== null ? [[wpId, last.number] as const] : []
  })
  return new Map(running)
}

/**
 * WPs that somebody else has moved under a working agent. Only where the same attempt was at work before and after the
 * look: else the host's answer may be of a moment at which we were moving it ourselves.
 */
export function takenAwayIn(
  looked: Mission,
  ours: Mission,
  before: ReadonlyMap<WpId, number>,
  after: ReadonlyMap<WpId, number>,
): readonly TakenAway[] {
  return ours.nodes.flatMap(({ wpId, lane: from }) => {
    const attempt = before.get(wpId)
    const to = looked.nodes.find(node => node.wpId === wpId)?.lane
    if (attempt === undefined || attempt !== after.get(wpId) || to === undefined) return []
    return laneName(from) === laneName(to) ? [] : [{ wpId, from, to }]
  })
}
