import type { LaneId, WpId } from '../ids.ts'
import type { GraphNode } from './graph.ts'
import { occupiesWorktree } from './lane.ts'

interface Known {
  readonly nodes: readonly GraphNode[]
  readonly laneIds: ReadonlyMap<WpId, LaneId>
  readonly active: ReadonlySet<WpId>
}

/**
 * Whether a WP could meet another one in its lane worktree. The host gives WPs one lane where their `owned_files`
 * overlap, and its planning refuses an overlap of two WPs of which neither depends on the other (measured). So WPs of one
 * lane are connected by dependencies. Exceptions are a WP with the scope `codebase-wide`, WPs that only plan, and lanes
 * that a person has edited: once two known lanes show one, every two WPs could meet. Before that, the answer to the claim
 * shows it, and no agent starts.
 *
 * Where no driver of this run has taken the worktree, a person may be working in it, so it must be known in any case.
 */
export function meetings({ nodes, laneIds, active }: Known): (wpId: WpId, other: GraphNode) => boolean {
  const parts = connectedParts(nodes)
  const apart = areApart(laneIds, parts)
  return (wpId, { wpId: other, lane }) => {
    const isTaken = active.has(other) && laneIds.has(other)
    if (!apart || (occupiesWorktree(lane) && !isTaken)) return true
    // Of a WP that is no longer in the mission it is not known where it belonged.
    const [mine, its] = [parts.get(wpId), parts.get(other)]
    return mine === undefined || its === undefined || mine === its
  }
}

function areApart(laneIds: ReadonlyMap<WpId, LaneId>, parts: ReadonlyMap<WpId, WpId>): boolean {
  const partOf = new Map<LaneId, WpId>()
  for (const [wpId, laneId] of laneIds) {
    const part = parts.get(wpId)
    if (part === undefined) continue
    const before = partOf.get(laneId)
    if (before !== undefined && before !== part) return false
    partOf.set(laneId, part)
  }
  return true
}

/** For each WP one that stands for all that dependencies connect it with, in either direction. */
function connectedParts(nodes: readonly GraphNode[]): ReadonlyMap<WpId, WpId> {
  const neighbours = new Map<WpId, WpId[]>(nodes.map(({ wpId, dependencies }) => [wpId, [...dependencies]]))
  for (const { wpId, dependencies } of nodes) for (const id of dependencies) neighbours.get(id)?.push(wpId)
  const parts = new Map<WpId, WpId>()
  for (const { wpId: part } of nodes) {
    const open = [part]
    for (let id = open.pop(); id; id = open.pop()) {
      if (parts.has(id) || !neighbours.has(id)) continue
      parts.set(id, part)
      open.push(...(neighbours.get(id) ?? []))
    }
  }
  return parts
}
