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

/** The evidence that allows commits on the target. */
export interface Evidence {
  /** These commits and their ancestors: the target when the run began, and what a person confirmed. */
  readonly given: readonly string[]
  /** Ranges that an approving judgement covers. */
  readonly reviewed: readonly ReviewedRange[]
  /** Single commits: those made on the target itself, records of the host, merges that are as git makes them. */
  readonly accepted: ReadonlySet<string>
}

/**
 * Commits that `tips` contain and for which there is no evidence, in the order of the graph. That another branch contains
 * a commit is no evidence: two lanes cannot cover each other.
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
  const between = commitsBetween(graph)
  for (const { base, head } of reviewed) for (const commit of between(base, head)) open.delete(commit)
  return graph.filter(({ commit }) => open.has(commit) && !accepted.has(commit))
}

/**
 * The same commits as ranges, one per line of history, in the order of the graph. A line that starts with the first commit
 * of an unrelated history is in none.
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

/** The commits and all their ancestors in the graph. */
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

/**
 * What `head` contains and `base` does not. It takes time in proportion to that, not to the graph: a mission asks for each
 * of its WPs, again for each review.
 */
export function commitsBetween(graph: readonly GraphCommit[]): (base: string, head: string) => ReadonlySet<string> {
  const parents = parentsIn(graph)
  const places = youngestFirst(parents)
  return (base, head) => {
    const found = new Set<string>()
    const old = new Set([base])
    const queue = new Set([base, head].filter(commit => places.has(commit)))
    let open = queue.has(head) && head !== base ? 1 : 0
    while (open > 0) {
      // Whatever leads to it was met before, so it is known whether it is old.
      const commit = [...queue].reduce((a, b) => ((places.get(a) ?? 0) < (places.get(b) ?? 0) ? a : b))
      queue.delete(commit)
      const isOld = old.has(commit)
      if (!isOld) {
        found.add(commit)
        open -= 1
      }
      for (const parent of parents.get(commit) ?? []) {
        if (isOld && !old.has(parent)) {
          old.add(parent)
          if (queue.has(parent)) open -= 1
        }
        if (!queue.has(parent) && !old.has(parent)) open += 1
        queue.add(parent)
      }
    }
    return found
  }
}

/** The parents of each commit that are in the graph too. */
function parentsIn(graph: readonly GraphCommit[]): ReadonlyMap<string, readonly string[]> {
  const known = new Set(graph.map(({ commit }) => commit))
  return new Map(graph.map(({ commit, parents }) => [commit, parents.filter(parent => known.has(parent))]))
}

/** The place of each commit in an order in which all commits come before their parents. */
function youngestFirst(parents: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const children = new Map<string, number>()
  for (const list of parents.values()) for (const parent of list) children.set(parent, (children.get(parent) ?? 0) + 1)
  const places = new Map<string, number>()
  const ready = [...parents.keys()].filter(commit => !children.has(commit))
  for (let commit = ready.pop(); commit !== undefined; commit = ready.pop()) {
    places.set(commit, places.size)
    for (const parent of parents.get(commit) ?? []) {
      const left = (children.get(parent) ?? 0) - 1
      children.set(parent, left)
      if (left === 0) ready.push(parent)
    }
  }
  return places
}

/** The first-parent history of a branch. */
export function firstParents(graph: readonly GraphCommit[], tip: string): readonly string[] {
  const byId = new Map(graph.map(entry => [entry.commit, entry]))
  const line: string[] = []
  for (let entry = byId.get(tip); entry; entry = byId.get(entry.parents[0] ?? '')) line.push(entry.commit)
  return line
}

/** The commits made in a lane: the first-parent history of `tip` after `from`; null: as far as the graph goes. */
export interface LaneLine {
  readonly tip: string
  readonly from: string | null
}

/**
 * Commits made on the target itself, by a person or the host: all commits of the target except the first-parent histories
 * of the lanes. A lane that someone else merged into the target is therefore judged like any other lane.
 */
export function madeOnTarget(
  graph: readonly GraphCommit[],
  target: string,
  lanes: readonly LaneLine[],
): ReadonlySet<string> {
  const before = ancestry(graph)
  const between = commitsBetween(graph)
  const byId = new Map(graph.map(entry => [entry.commit, entry]))
  const ofLanes = new Set<string>()
  for (const { tip, from } of lanes) {
    const made = from === null ? null : between(from, tip)
    for (let at = byId.get(tip); at && (made?.has(at.commit) ?? true); at = byId.get(at.parents[0] ?? '')) {
      ofLanes.add(at.commit)
    }
  }
  const inLanes = before(lanes.map(({ tip }) => tip))
  const ownLine = new Set(firstParents(graph, target))
  return new Set([...before([target])].filter(at => !ofLanes.has(at) && (ownLine.has(at) || !inLanes.has(at))))
}

/** Path -> content id, '' when removed. Paths that equal the merge base are left out. */
export type Changes = ReadonlyMap<string, string>

/** Paths where a merge differs from a plain file-by-file merge. A file that both sides changed always counts. */
export function mergeDifference(ours: Changes, theirs: Changes, merged: Changes): readonly string[] {
  const paths = new Set([...ours.keys(), ...theirs.keys(), ...merged.keys()])
  return [...paths].filter(path => {
    const [our, their] = [ours.get(path), theirs.get(path)]
    if (our !== undefined && their !== undefined && our !== their) return true
    return merged.get(path) !== (our ?? their)
  })
}

/**
 * Paths where a commit that combines several lanes (squash, rebase) has neither the previous content nor that of a lane.
 * `made` is relative to the target before it; `lanes` are the changes of each lane since it forked.
 */
export function squashDifference(lanes: readonly Changes[], made: Changes): readonly string[] {
  const paths = new Set([...lanes.flatMap(lane => [...lane.keys()]), ...made.keys()])
  return [...paths].filter(path => {
    const wanted = lanes.flatMap(lane => lane.get(path) ?? [])
    const there = made.get(path)
    return there === undefined || !wanted.includes(there)
  })
}

export interface HostsFiles {
  readonly isHosts: (path: string) => boolean
  /** False in a lane: there, someone else made such a change. */
  readonly mayBeHosts: boolean
}

/**
 * What of a commit without a judgement neither the host nor git accounts for. `files`: what it changes; of a merge, where
 * it differs from what git makes of its parents, without the host's files.
 */
export function oddFiles(
  { parents }: GraphCommit,
  files: readonly string[],
  { isHosts, mayBeHosts }: HostsFiles,
): readonly string[] {
  return parents.length < 2 && mayBeHosts && files.every(isHosts) ? [] : files
}

/** Files that the host writes into a mission's folder (measured): events, lanes, acceptance. They are not reviewed. */
export function isHostFile(path: string, mission: string): boolean {
  const folder = `kitty-specs/${mission}/`
  return path.startsWith(folder) && hostFiles.includes(path.slice(folder.length))
}

/** The same for one mission. */
export function hostFilesOf(mission: string): (path: string) => boolean {
  return path => isHostFile(path, mission)
}

const hostFiles = ['status.events.jsonl', 'status.json', 'meta.json', 'acceptance-matrix.json']
