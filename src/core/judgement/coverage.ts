/** A commit and its parents, first parent first. */
export interface GraphCommit {
  readonly commit: string
  readonly parents: readonly string[]
}

/** What a reviewer was shown: everything in `head` that is not in `base`. */
export interface ReviewedRange {
  readonly base: string
  readonly head: string
}

/** Why a commit may come onto the target. */
export interface Evidence {
  /** These, and everything before them: the target as it was when the run began, and what a person vouches for. */
  readonly given: readonly string[]
  /** Ranges that an approving judgement covers. */
  readonly reviewed: readonly ReviewedRange[]
  /** Single commits: those made on the target itself, records of the host, merges that are as git makes them. */
  readonly accepted: ReadonlySet<string>
}

/**
 * Commits that `tips` would bring along and for which there is no evidence, in the order of the graph. Being contained in
 * another branch is no evidence: two lanes cannot vouch for each other.
 *
 * The graph must hold every commit before the tips and before both ends of each range, down to what was there at the start.
 */
export function uncovered(
  graph: readonly GraphCommit[],
  tips: readonly string[],
  { given, reviewed, accepted }: Evidence,
): readonly GraphCommit[] {
  const before = ancestry(graph)
  const open = new Set(before(tips))
  for (const commit of before(given)) open.delete(commit)
  for (const { base, head } of reviewed) {
    const unseen = before([base])
    for (const commit of before([head])) if (!unseen.has(commit)) open.delete(commit)
  }
  return graph.filter(({ commit }) => open.has(commit) && !accepted.has(commit))
}

/**
 * The same commits as ranges, one for each line of them, from what is before it. They are in the order of the graph. A
 * line without a beginning, the first commit of another history, is in none.
 */
export function asRanges(commits: readonly GraphCommit[]): readonly ReviewedRange[] {
  const byId = new Map(commits.map(entry => [entry.commit, entry]))
  const before = ancestry(commits)
  const done = new Set<string>()
  return commits.flatMap(({ commit }): readonly ReviewedRange[] => {
    if (done.has(commit)) return []
    for (const covered of before([commit])) done.add(covered)
    const base = firstParents(commits, commit)
      .map(at => byId.get(at)?.parents[0])
      .at(-1)
    return base === undefined ? [] : [{ base, head: commit }]
  })
}

/** The commits themselves and all before them, as far as the graph goes. */
export function ancestry(graph: readonly GraphCommit[]): (commits: readonly string[]) => ReadonlySet<string> {
  const byId = new Map(graph.map(entry => [entry.commit, entry]))
  return commits => {
    const found = new Set<string>()
    const open = [...commits]
    for (let commit = open.pop(); commit !== undefined; commit = open.pop()) {
      const entry = byId.get(commit)
      if (!entry || found.has(commit)) continue
      found.add(commit)
      open.push(...entry.parents)
    }
    return found
  }
}

/** A branch's own line of commits, without what its merges brought in. */
export function firstParents(graph: readonly GraphCommit[], tip: string): readonly string[] {
  const byId = new Map(graph.map(entry => [entry.commit, entry]))
  const line: string[] = []
  for (let entry = byId.get(tip); entry; entry = byId.get(entry.parents[0] ?? '')) line.push(entry.commit)
  return line
}

/** What was made in a lane: the own line of `tip`, above `from`; null: as far as the graph goes. */
export interface LaneLine {
  readonly tip: string
  readonly from: string | null
}

/**
 * Commits made on the target itself, which are a person's or the host's: all that the target has, but for the own lines
 * of the lanes. A lane that somebody else merged into the target is thus judged like one that was not.
 */
export function madeOnTarget(
  graph: readonly GraphCommit[],
  target: string,
  lanes: readonly LaneLine[],
): ReadonlySet<string> {
  const before = ancestry(graph)
  const ofLanes = new Set<string>()
  for (const { tip, from } of lanes) {
    const older = from === null ? new Set<string>() : before([from])
    for (const commit of firstParents(graph, tip)) if (!older.has(commit)) ofLanes.add(commit)
  }
  const inLanes = before(lanes.map(({ tip }) => tip))
  const ownLine = new Set(firstParents(graph, target))
  return new Set([...before([target])].filter(at => !ofLanes.has(at) && (ownLine.has(at) || !inLanes.has(at))))
}

/** Per path what is there, '' where it was removed; a path that is as in the merge base is not in it. */
export type Changes = ReadonlyMap<string, string>

/** Paths in which a merge is not what its parents make of them, file by file; both sides changing one file is never plain. */
export function mergeDifference(ours: Changes, theirs: Changes, merged: Changes): readonly string[] {
  const paths = new Set([...ours.keys(), ...theirs.keys(), ...merged.keys()])
  return [...paths].filter(path => {
    const [our, their] = [ours.get(path), theirs.get(path)]
    if (our !== undefined && their !== undefined && our !== their) return true
    return merged.get(path) !== (our ?? their)
  })
}

/**
 * Paths in which a commit made of several lanes at once, as a squash or a rebase makes it, has neither what was there nor
 * what a lane has. All changes are relative to the target as it was before, `lanes` those of each lane since it forked.
 */
export function squashDifference(lanes: readonly Changes[], made: Changes): readonly string[] {
  const paths = new Set([...lanes.flatMap(lane => [...lane.keys()]), ...made.keys()])
  return [...paths].filter(path => {
    const wanted = lanes.flatMap(lane => lane.get(path) ?? [])
    const there = made.get(path)
    return wanted.length === 0 ? there !== undefined : there === undefined || !wanted.includes(there)
  })
}

/** What the host itself writes into a mission's folder (measured): events, lanes, acceptance. Nothing a reviewer judges. */
export function isHostFile(path: string, mission: string): boolean {
  const folder = `kitty-specs/${mission}/`
  return path.startsWith(folder) && hostFiles.includes(path.slice(folder.length))
}

const hostFiles = ['status.events.jsonl', 'status.json', 'meta.json', 'acceptance-matrix.json']
