import { ancestry, commitsBetween, firstParents, type GraphCommit, oddFiles, uncovered } from '../judgement/coverage.ts'
import type { LaneOfRecord, Move, RecordedEvidence } from './evidence.ts'

/** Why a commit may be on the target, or that no record says so. */
export type Cover =
  | { readonly kind: 'judged'; readonly workPackage: string; readonly agent: string }
  /** By a person, with `sko confirm`. */
  | { readonly kind: 'confirmed'; readonly workPackage: string }
  /** `host`: its own files, and nothing else. `merge`: as git merges its parents. `empty`: it changes nothing. */
  | { readonly kind: 'host' | 'merge' | 'empty' | Move['kind'] }
  | Uncovered

export interface Uncovered {
  readonly kind: 'none'
  /** What it changes; of a merge: where it differs from what git makes of its parents. */
  readonly files: readonly string[]
  /** The work package that was approved before the run and contains it; null: none does. */
  readonly given: string | null
}

export interface CoveredCommit extends GraphCommit {
  readonly cover: Cover
}

/** What is known without a look at the content. */
export interface Begun {
  readonly graph: readonly GraphCommit[]
  /** The commits of the range, then those of lanes that a squash or a rebase combines; children first. */
  readonly range: readonly GraphCommit[]
  readonly ofLanes: readonly GraphCommit[]
  readonly known: ReadonlyMap<string, Cover>
  /** Neither judged nor confirmed: git is asked about these. */
  readonly open: readonly GraphCommit[]
  readonly evidence: RecordedEvidence
}

/**
 * `graph`: everything that `head`, the lanes and the ends of the ranges contain, without the base of the range and what
 * that contains; children first.
 */
export function beginCover(graph: readonly GraphCommit[], head: string, evidence: RecordedEvidence): Begun {
  const before = ancestry(graph)
  const inRange = before([head])
  const moves = evidence.moves.filter(({ after }) => inRange.has(after))
  const heads = moves.flatMap(move => move.lanes)
  const ofLanes = before(heads)
  // A judgement of a whole covers its parts only where the whole is: a part alone is not what the reviewer approved.
  const isMerged = (commit: string) => inRange.has(commit) || ofLanes.has(commit)
  const judged = evidence.judged.filter(range => isMerged(range.head))
  const confirmed = evidence.confirmed.filter(({ commit }) => isMerged(commit))
  const given = confirmed.map(({ commit }) => commit)
  return {
    graph,
    range: graph.filter(({ commit }) => inRange.has(commit)),
    ofLanes: graph.filter(({ commit }) => ofLanes.has(commit) && !inRange.has(commit)),
    known: coverNames(graph, { judged, confirmed }),
    open: uncovered(graph, [head, ...heads], { given, reviewed: judged, accepted: new Set() }),
    evidence: { ...evidence, moves },
  }
}

/** Which judgement or person covers a commit; of several the first. */
function coverNames(
  graph: readonly GraphCommit[],
  { judged, confirmed }: Pick<RecordedEvidence, 'judged' | 'confirmed'>,
): ReadonlyMap<string, Cover> {
  const names = new Map<string, Cover>()
  const add = (commits: Iterable<string>, cover: Cover) => {
    for (const commit of commits) if (!names.has(commit)) names.set(commit, cover)
  }
  const between = commitsBetween(graph)
  for (const { base, head, workPackage, agent } of judged) {
    add(between(base, head), { kind: 'judged', workPackage, agent })
  }
  const before = ancestry(graph)
  for (const { commit, workPackage } of confirmed) add(before([commit]), { kind: 'confirmed', workPackage })
  return names
}

/** What git says of the open commits, without the host's files of a merge. */
export type FilesOf = (commit: string) => readonly string[]

/** The cover of each open commit by itself. */
export function coverAlone({ graph, open, evidence }: Begun, filesOf: FilesOf): ReadonlyMap<string, Cover> {
  const { lanes, given, isHosts } = evidence
  const plain = new Set(open.filter(({ parents }) => parents.length < 2).map(({ commit }) => commit))
  const isStrange = (commit: string) => plain.has(commit) && !filesOf(commit).every(isHosts)
  const inLanes = new Set(lanes.flatMap(lane => madeInLane(graph, lane, isStrange)))
  const before = ancestry(graph)
  const givenBy = given.map(({ head, workPackage }) => ({ workPackage, has: before([head]) }))
  return new Map(
    open.map(at => {
      const asked = filesOf(at.commit)
      const files = oddFiles(at, asked, { isHosts, mayBeHosts: !inLanes.has(at.commit) })
      const from = givenBy.find(({ has }) => has.has(at.commit))?.workPackage ?? null
      const cover: Cover = files.length > 0 ? { kind: 'none', files, given: from } : { kind: kindOf(at, asked) }
      return [at.commit, cover] as const
    }),
  )
}

function kindOf({ parents }: GraphCommit, files: readonly string[]): 'merge' | 'empty' | 'host' {
  if (parents.length > 1) return 'merge'
  return files.length === 0 ? 'empty' : 'host'
}

/**
 * The commits made in a lane: its first-parent history down to the first commit from which it was reviewed. Below that, in
 * coord topology, are records of the host. In the lane itself an agent may have written the files of the host. A lane
 * without a review starts at its first commit that cannot be the host's.
 */
function madeInLane(
  graph: readonly GraphCommit[],
  { head, bases }: LaneOfRecord,
  isStrange: (commit: string) => boolean,
): readonly string[] {
  const line = firstParents(graph, head)
  if (bases.length === 0) return line.slice(0, line.findLastIndex(isStrange) + 1)
  // The line ends above the base of the range, from which the lane may have been reviewed.
  const last = line.at(-1)
  const below = graph.find(({ commit }) => commit === last)?.parents[0]
  const start = [...line, below].findLastIndex(commit => commit !== undefined && bases.includes(commit))
  if (start >= 0) return line.slice(0, start)
  const before = ancestry(graph)(bases)
  const end = line.findIndex(commit => before.has(commit))
  return end < 0 ? line : line.slice(0, end)
}
