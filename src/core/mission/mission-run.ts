import type { LaneId, WpId } from '../ids.ts'
import type { ActiveStep, HeldBy } from '../work-package/step.ts'
import { type LaneWorktree, newRecord, type WorkPackage, type WpRecord } from '../work-package/work-package.ts'
import type { GraphNode } from './graph.ts'
import type { Lane } from './lane.ts'
import type { Trouble } from './trouble.ts'

/** The whole state of a run's loop. Only `applyMissionEvent` makes the next one. */
export interface MissionRun {
  /** The last valid look at the mission, with the moves of this run since. */
  readonly nodes: readonly GraphNode[]
  /** Also WPs that are no longer in the mission. */
  readonly workPackages: ReadonlyMap<WpId, WpInRun>
  readonly paused: boolean
}

export interface WpInRun {
  readonly record: WpRecord
  readonly state: WpState
  /** What the host could not answer or do at the last try. It is kept while the WP tries again, so that tries in a row are counted. */
  readonly trouble: Trouble | null
  readonly lane: LaneKnown
  /** As this run last met it; the host may assign another lane worktree when the mission changes. */
  readonly worktree: LaneWorktree | null
  /** The host lane to which this run moved it since the last look began: that look may be older. */
  readonly movedTo: Lane | null
  /** A skip that a person asked for is being carried out, and nothing of the WP begins. The skip may still fail. */
  readonly skipping: boolean
}

/**
 * What the run does with a WP. `released`: the host says that it may begin although a dependency is canceled.
 *
 * ```
 *  idle, waiting --started--> active --ended--> idle | waiting | held | closed
 *  idle, waiting --release refused--> closed
 *  idle, waiting --moved by someone else--> taken-away
 *  active --moved by someone else--> active, its agent being stopped --ended--> taken-away
 *  any --decided by a person--> idle
 * ```
 */
export type WpState =
  | { readonly kind: 'idle'; readonly released: boolean }
  /** It has a driver. `step` is null until the first step; `takenAway` is the reason why its agent is being stopped. */
  | {
      readonly kind: 'active'
      readonly step: ActiveStep | null
      readonly takenAway: string | null
      readonly released: boolean
    }
  /** Nothing of it begins before `until`, milliseconds since the epoch. */
  | { readonly kind: 'waiting'; readonly until: number; readonly released: boolean }
  /** A budget or a limit ended it for this run. Nothing is wrong with it. */
  | { readonly kind: 'held'; readonly by: HeldBy; readonly reason: string }
  /** Only a person, or for `not-released` the host, can open it again. */
  | { readonly kind: 'closed'; readonly because: 'needs-person' | 'not-released'; readonly reason: string }
  /** Someone else moved it at the host, and the run leaves it to them. */
  | { readonly kind: 'taken-away'; readonly reason: string }

/** Whether the host was asked which lane worktree the WP uses, and what it answered. */
export type LaneKnown =
  | { readonly kind: 'unasked' }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'known'; readonly laneId: LaneId }

export const idle: WpState = { kind: 'idle', released: false }

export function beginMissionRun(nodes: readonly GraphNode[], records: ReadonlyMap<WpId, WpRecord>): MissionRun {
  const wpIds = new Set([...records.keys(), ...nodes.map(({ wpId }) => wpId)])
  const workPackages = new Map([...wpIds].map(wpId => [wpId, unseen(records.get(wpId) ?? newRecord(wpId))]))
  return { nodes, workPackages, paused: false }
}

export function inRun({ workPackages }: MissionRun, wpId: WpId): WpInRun {
  return workPackages.get(wpId) ?? unseen(newRecord(wpId))
}

function unseen(record: WpRecord): WpInRun {
  const lane = { kind: 'unasked' } as const
  return { record, state: idle, trouble: null, lane, worktree: null, movedTo: null, skipping: false }
}

/** The WP for its driver; null when the mission has no such WP. */
export function workPackageIn(mission: MissionRun, wpId: WpId): WorkPackage | null {
  const node = mission.nodes.find(other => other.wpId === wpId)
  return node ? { ...node, worktree: null, record: inRun(mission, wpId).record } : null
}

/** Why the WP may not start in this run; null when it may. */
export function closedReason({ skipping, state }: WpInRun): string | null {
  if (skipping) return 'a person skips it'
  switch (state.kind) {
    case 'active':
      return state.takenAway
    case 'held':
    case 'closed':
    case 'taken-away':
      return state.reason
    case 'idle':
    case 'waiting':
      return null
  }
}
