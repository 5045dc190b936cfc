import type { LaneId, WpId } from '../ids.ts'
import { type GraphNode, remainingChains } from './graph.ts'
import { laneName, satisfiesDependents } from './lane.ts'

export interface PlannedWp {
  readonly wpId: WpId
  readonly lane: string
  /** 1 can start now, 2 after those, …; 0: finished. */
  readonly wave: number
  readonly dependencies: readonly WpId[]
  readonly laneId: LaneId | null
  /** What it still waits for; null when it can start, is running or finished. */
  readonly waitsFor: string | null
}

export interface Plan {
  readonly workPackages: readonly PlannedWp[]
  /** The longest chain of unfinished WPs: no number of agents makes the mission shorter than this. */
  readonly criticalPath: readonly WpId[]
}

/** What would run, in which order. Two WPs of one lane worktree never run at once, even in one wave. */
export function planOf(nodes: readonly GraphNode[], laneIds: ReadonlyMap<WpId, LaneId>): Plan {
  const chains = remainingChains(nodes)
  const waves = wavesOf(nodes)
  const byId = new Map(nodes.map(node => [node.wpId, node]))
  const workPackages = nodes
    .map(node => {
      const open = node.dependencies.filter(id => !satisfiesDependents(byId.get(id)?.lane ?? 'planned'))
      return {
        wpId: node.wpId,
        lane: laneName(node.lane),
        wave: waves.get(node.wpId) ?? 0,
        dependencies: node.dependencies,
        laneId: laneIds.get(node.wpId) ?? null,
        waitsFor: mayWait(node) && open.length > 0 ? open.join(', ') : null,
      }
    })
    .toSorted(
      (a, b) => a.wave - b.wave || (chains.get(b.wpId) ?? 0) - (chains.get(a.wpId) ?? 0) || (a.wpId < b.wpId ? -1 : 1),
    )
  return { workPackages, criticalPath: criticalPath(nodes, chains) }
}

function mayWait({ lane }: GraphNode): boolean {
  return lane === 'planned' || lane === 'in_progress'
}

function wavesOf(nodes: readonly GraphNode[]): ReadonlyMap<WpId, number> {
  const waves = new Map<WpId, number>(nodes.filter(node => satisfiesDependents(node.lane)).map(node => [node.wpId, 0]))
  // Each pass places at least one WP: the graph was checked to have no cycle.
  for (let open = nodes.filter(node => !waves.has(node.wpId)); open.length > 0; ) {
    const placed = open.filter(node => node.dependencies.every(id => waves.has(id)))
    if (placed.length === 0) break
    const wave = placed.map(
      node => [node.wpId, 1 + Math.max(0, ...node.dependencies.map(id => waves.get(id) ?? 0))] as const,
    )
    for (const [wpId, number] of wave) waves.set(wpId, number)
    open = open.filter(node => !waves.has(node.wpId))
  }
  return waves
}

function criticalPath(nodes: readonly GraphNode[], chains: ReadonlyMap<WpId, number>): readonly WpId[] {
  const length = (node: GraphNode) => chains.get(node.wpId) ?? 0
  const longest = (among: readonly GraphNode[]) => among.toSorted((a, b) => length(b) - length(a))[0]
  const open = nodes.filter(node => !satisfiesDependents(node.lane))
  const path: WpId[] = []
  for (let node = longest(open); node; ) {
    const { wpId } = node
    path.push(wpId)
    node = longest(open.filter(other => other.dependencies.includes(wpId)))
  }
  return path
}
