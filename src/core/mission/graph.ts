import { listed } from '../format.ts'
import type { WpId } from '../ids.ts'
import { type Lane, laneName, satisfiesDependents } from './lane.ts'

export interface GraphNode {
  readonly wpId: WpId
  readonly lane: Lane
  readonly dependencies: readonly WpId[]
}

export function lanesOf(nodes: readonly GraphNode[]): ReadonlyMap<WpId, Lane> {
  return new Map(nodes.map(({ wpId, lane }) => [wpId, lane]))
}

export type GraphProblem =
  | { readonly kind: 'unknown-dependency'; readonly wpId: WpId; readonly dependency: string }
  | { readonly kind: 'cycle'; readonly path: readonly WpId[] }

/** Problems that make the dependencies impossible to order; empty for a valid mission. */
export function graphProblems(nodes: readonly GraphNode[]): readonly GraphProblem[] {
  const known = new Set(nodes.map(node => node.wpId))
  const unknown = nodes.flatMap(node =>
    node.dependencies
      .filter(dependency => !known.has(dependency))
      .map((dependency): GraphProblem => ({ kind: 'unknown-dependency', wpId: node.wpId, dependency })),
  )
  const cycle = findCycle(nodes)
  return cycle ? [...unknown, { kind: 'cycle', path: cycle }] : unknown
}

/** The first cycle met, as `A, B, A`. Iterative: a chain of a thousand WPs must not exhaust the stack. */
function findCycle(nodes: readonly GraphNode[]): readonly WpId[] | null {
  const dependencies = new Map(nodes.map(node => [node.wpId, node.dependencies]))
  const finished = new Set<WpId>()
  for (const { wpId } of nodes) {
    const path: WpId[] = []
    const onPath = new Set<WpId>()
    const stack: { id: WpId; depth: number }[] = [{ id: wpId, depth: 0 }]
    for (let top = stack.pop(); top; top = stack.pop()) {
      for (const left of path.splice(top.depth)) {
        finished.add(left)
        onPath.delete(left)
      }
      if (finished.has(top.id)) continue
      if (onPath.has(top.id)) return [...path.slice(path.indexOf(top.id)), top.id]
      path.push(top.id)
      onPath.add(top.id)
      const depth = path.length
      for (const id of dependencies.get(top.id) ?? []) stack.push({ id, depth })
    }
    for (const left of path) finished.add(left)
  }
  return null
}

/** Whether both have the same WPs with the same dependencies. */
export function isSameGraph(a: readonly GraphNode[], b: readonly GraphNode[]): boolean {
  // Mostly they are also in the same order.
  return isSameOrder(a, b, sameDependencies) || graphKey(a) === graphKey(b)
}

/** Whether both are the same WPs in the same order, in the same lanes and with the same dependencies. */
export function areSameNodes(a: readonly GraphNode[], b: readonly GraphNode[]): boolean {
  return isSameOrder(a, b, isSameNode)
}

export function isSameNode(a: GraphNode, b: GraphNode): boolean {
  const isSameLane = a.lane === b.lane || (typeof a.lane !== 'string' && laneName(a.lane) === laneName(b.lane))
  return isSameLane && sameDependencies(a, b)
}

function sameDependencies(a: GraphNode, b: GraphNode): boolean {
  return a.wpId === b.wpId && isSameOrder(a.dependencies, b.dependencies, (one, other) => one === other)
}

function isSameOrder<T>(a: readonly T[], b: readonly T[], isSame: (one: T, other: T) => boolean): boolean {
  return a.length === b.length && a.every((one, index) => isSame(one, b[index] ?? one))
}

/** One text for each set of WPs with their dependencies. */
export function graphKey(nodes: readonly GraphNode[]): string {
  return nodes
    .map(({ wpId, dependencies }) => `${wpId}: ${dependencies.toSorted().join(' ')}`)
    .toSorted()
    .join('\n')
}

export interface GraphChange {
  readonly added: readonly WpId[]
  readonly removed: readonly WpId[]
  /** WPs with other dependencies than before. */
  readonly changed: readonly WpId[]
}

export function graphChange(before: readonly GraphNode[], after: readonly GraphNode[]): GraphChange {
  const old = keysOf(before)
  const now = keysOf(after)
  const ids = [...now.keys()]
  return {
    added: ids.filter(wpId => !old.has(wpId)),
    removed: [...old.keys()].filter(wpId => !now.has(wpId)),
    changed: ids.filter(wpId => old.has(wpId) && old.get(wpId) !== now.get(wpId)),
  }
}

function keysOf(nodes: readonly GraphNode[]): ReadonlyMap<WpId, string> {
  return new Map(nodes.map(node => [node.wpId, graphKey([node])]))
}

export function changesIn({ added, removed, changed }: GraphChange): string {
  const parts = [
    ...(added.length > 0 ? [`new: ${listed(added)}`] : []),
    ...(removed.length > 0 ? [`gone: ${listed(removed)}`] : []),
    ...(changed.length > 0 ? [`dependencies changed: ${listed(changed)}`] : []),
  ]
  return parts.join('; ')
}

/** For each WP, the length of the longest chain of unfinished WPs that starts with it. */
export function remainingChains(nodes: readonly GraphNode[]): ReadonlyMap<WpId, number> {
  const dependents = new Map<WpId, GraphNode[]>(nodes.map(node => [node.wpId, []]))
  const missing = new Map<WpId, number>()
  for (const node of nodes) {
    for (const dependency of node.dependencies) dependents.get(dependency)?.push(node)
  }
  for (const node of nodes) missing.set(node.wpId, dependents.get(node.wpId)?.length ?? 0)
  const chains = new Map<WpId, number>()
  const byId = new Map(nodes.map(node => [node.wpId, node]))
  const ready = nodes.filter(node => missing.get(node.wpId) === 0)
  for (let node = ready.pop(); node; node = ready.pop()) {
    const behind = (dependents.get(node.wpId) ?? []).map(dependent => chains.get(dependent.wpId) ?? 0)
    chains.set(node.wpId, Math.max(0, ...behind) + (satisfiesDependents(node.lane) ? 0 : 1))
    for (const dependency of node.dependencies) {
      const left = (missing.get(dependency) ?? 0) - 1
      missing.set(dependency, left)
      const next = byId.get(dependency)
      if (left === 0 && next) ready.push(next)
    }
  }
  return chains
}

/** The WPs named and everything they depend on. */
export function withDependencies(nodes: readonly GraphNode[], wanted: readonly WpId[]): ReadonlySet<WpId> {
  const byId = new Map(nodes.map(node => [node.wpId, node]))
  const selected = new Set<WpId>()
  const open = [...wanted]
  for (let id = open.pop(); id; id = open.pop()) {
    if (selected.has(id)) continue
    selected.add(id)
    open.push(...(byId.get(id)?.dependencies ?? []))
  }
  return selected
}
