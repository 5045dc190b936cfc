import { commitsBetween, firstParents, type GraphCommit } from '../judgement/coverage.ts'
import type { Begun, Cover, CoveredCommit } from './cover.ts'
import type { Move } from './evidence.ts'

/** Commits that were made of the lanes by moving the target from `before` to `after`. */
export interface OpenMove extends Move {
  readonly members: readonly string[]
}

/**
 * The moves that may explain commits which nothing else covers. A squash is one commit, so each is compared alone. The
 * commits of a rebase are compared together: only the last tree is known.
 */
export function openMoves({ graph, evidence }: Begun, alone: ReadonlyMap<string, Cover>): readonly OpenMove[] {
  const byId = new Map(graph.map(at => [at.commit, at]))
  return evidence.moves.flatMap((move): readonly OpenMove[] => {
    const made = madeBy(graph, byId, move)
    const members = made.filter(({ commit }) => alone.get(commit)?.kind === 'none')
    if (members.length === 0) return []
    if (move.kind === 'rebase') return [{ ...move, members: members.map(({ commit }) => commit) }]
    return members.map(({ commit, parents }) => ({
      ...move,
      before: parents[0] ?? move.before,
      after: commit,
      members: [commit],
    }))
  })
}

/** The commits on the target's own line from `before` to `after`; empty where that is not a line without merges. */
function madeBy(
  graph: readonly GraphCommit[],
  byId: ReadonlyMap<string, GraphCommit>,
  { before, after }: Move,
): readonly GraphCommit[] {
  const line = firstParents(graph, after)
  const start = line.indexOf(before)
  const made = (start < 0 ? line : line.slice(0, start)).flatMap(commit => byId.get(commit) ?? [])
  const isLine = made.every(({ parents }) => parents.length === 1) && made.at(-1)?.parents[0] === before
  return isLine ? made : []
}

export interface ComparedMove extends OpenMove {
  /** Paths where its result differs from a merge of its lanes. */
  readonly odd: readonly string[]
}

/** Every commit of the range with its cover, and those of the lanes that a squash or a rebase combines. */
export function finishCover(
  begun: Begun,
  alone: ReadonlyMap<string, Cover>,
  moves: readonly ComparedMove[],
): { readonly range: readonly CoveredCommit[]; readonly ofLanes: readonly CoveredCommit[] } {
  const own = (commit: string): Cover => begun.known.get(commit) ?? alone.get(commit) ?? unknown
  const moved = new Map<string, Cover>()
  for (const move of moves) {
    if (!lanesOf(begun.graph, move).every(commit => own(commit).kind !== 'none')) continue
    const { odd } = move
    const changed = new Set(move.members.flatMap(commit => filesOf(own(commit))))
    // What the lanes have and the move left out is in no commit: it is missing from all of them.
    const missing = odd.filter(path => !changed.has(path))
    // Of several records about it, one that explains it is enough.
    for (const commit of move.members.filter(member => (moved.get(member) ?? unknown).kind === 'none')) {
      const cover = own(commit)
      const files = [...filesOf(cover).filter(path => odd.includes(path)), ...missing]
      moved.set(commit, cover.kind === 'none' && files.length > 0 ? { ...cover, files } : { kind: move.kind })
    }
  }
  const withCover = (at: GraphCommit): CoveredCommit => ({ ...at, cover: moved.get(at.commit) ?? own(at.commit) })
  return { range: begun.range.map(withCover), ofLanes: begun.ofLanes.map(withCover) }
}

function filesOf(cover: Cover): readonly string[] {
  return cover.kind === 'none' ? cover.files : []
}

const unknown: Cover = { kind: 'none', files: [], given: null }

/** What the lanes add to the target. */
function lanesOf(graph: readonly GraphCommit[], { before, lanes }: Move): readonly string[] {
  const between = commitsBetween(graph)
  return [...new Set(lanes.flatMap(head => [...between(before, head)]))]
}
