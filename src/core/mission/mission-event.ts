import type { WpId } from '../ids.ts'
import type { WorkPackage } from '../work-package/work-package.ts'
import { type GraphNode, isSameGraph } from './graph.ts'
import type { Lane } from './lane.ts'
import { closedReason, idle, inRun, type MissionRun, type WpInRun, type WpState } from './mission-run.ts'
import { applyWpEvent, type WpRunEvent, withoutRelease, withState } from './wp-event.ts'

/** Everything that changes the state of the loop. */
export type MissionRunEvent =
  | { readonly type: 'paused' }
  | { readonly type: 'continued' }
  /** The times for which WPs wait were read from a clock that was wrong. */
  | { readonly type: 'clock-set-back' }
  | { readonly type: 'look-began' }
  | { readonly type: 'looked'; readonly nodes: readonly GraphNode[] }
  /** list-ready is asked about these WPs only. What it said about any other is forgotten. */
  | { readonly type: 'releases-needed'; readonly wpIds: readonly WpId[] }
  /** A driver has saved an outcome. The WP as it is now. */
  | { readonly type: 'changed'; readonly wp: WorkPackage }
  /** A decision of a person was carried out. The WP as it is now. */
  | { readonly type: 'decided'; readonly wp: WorkPackage }
  | WpRunEvent

/** The state of the loop after an event. Pure, and the only way it changes. */
export function applyMissionEvent(mission: MissionRun, event: MissionRunEvent): MissionRun {
  switch (event.type) {
    case 'paused':
      return { ...mission, paused: true }
    case 'continued':
      return { ...mission, paused: false }
    case 'clock-set-back':
      return everyWp(mission, wp => withState(wp, withoutWait(wp.state)))
    case 'look-began':
      return everyWp(mission, wp => (wp.movedTo === null ? wp : { ...wp, movedTo: null }))
    case 'looked':
      return afterLook(mission, event.nodes)
    case 'releases-needed':
      return withoutReleases(mission, new Set(event.wpIds))
    case 'changed':
      return afterChange(mission, event.wp)
    case 'decided':
      return afterDecision(mission, event.wp)
    default:
      return withWp(mission, event.wpId, applyWpEvent(inRun(mission, event.wpId), event))
  }
}

/** Another graph may mean other lane worktrees. A WP with a driver keeps the one in which it works. */
function afterLook(mission: MissionRun, nodes: readonly GraphNode[]): MissionRun {
  const sameGraph = isSameGraph(nodes, mission.nodes)
  const lane = { kind: 'unasked' } as const
  const forgotten = (wp: WpInRun) => (wp.state.kind === 'active' && wp.lane.kind === 'known' ? wp : { ...wp, lane })
  const next = sameGraph ? mission : everyWp(mission, forgotten)
  return { ...next, nodes: nodes.map(node => ({ ...node, lane: inRun(mission, node.wpId).movedTo ?? node.lane })) }
}

function withoutReleases(mission: MissionRun, needed: ReadonlySet<WpId>): MissionRun {
  return everyWp(mission, (wp, id) => (needed.has(id) ? wp : withState(wp, withoutRelease(wp.state))))
}

/** For a WP that was taken away or is being skipped, the last look is newer than what its driver reports. */
function afterChange(mission: MissionRun, { wpId, lane, record, worktree }: WorkPackage): MissionRun {
  const before = inRun(mission, wpId)
  const met: WpInRun = worktree ? { ...before, worktree, lane: { kind: 'known', laneId: worktree.laneId } } : before
  if (closedReason(before) !== null) return withWp(mission, wpId, { ...met, record })
  return withLane(withWp(mission, wpId, { ...met, record, movedTo: lane }), wpId, lane)
}

function afterDecision(mission: MissionRun, { wpId, lane, record }: WorkPackage): MissionRun {
  const before = inRun(mission, wpId)
  const state: WpState = before.state.kind === 'active' ? { ...before.state, takenAway: null, released: false } : idle
  const after = { ...before, record, state, trouble: null, movedTo: lane, skipping: false }
  return withLane(withWp(mission, wpId, after), wpId, lane)
}

function withoutWait(state: WpState): WpState {
  return state.kind === 'waiting' ? { kind: 'idle', released: state.released } : state
}

function withWp(mission: MissionRun, wpId: WpId, wp: WpInRun): MissionRun {
  return { ...mission, workPackages: new Map(mission.workPackages).set(wpId, wp) }
}

function withLane(mission: MissionRun, wpId: WpId, lane: Lane): MissionRun {
  return { ...mission, nodes: mission.nodes.map(node => (node.wpId === wpId ? { ...node, lane } : node)) }
}

function everyWp(mission: MissionRun, change: (wp: WpInRun, wpId: WpId) => WpInRun): MissionRun {
  const changed = new Map<WpId, WpInRun>()
  for (const [wpId, wp] of mission.workPackages) {
    const next = change(wp, wpId)
    if (next !== wp) changed.set(wpId, next)
  }
  if (changed.size === 0) return mission
  return { ...mission, workPackages: new Map([...mission.workPackages, ...changed]) }
}
