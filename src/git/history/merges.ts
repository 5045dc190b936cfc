import {
  type Changes,
  mergeDifference as fileByFile,
  type GraphCommit,
  squashDifference as ofLanes,
} from '../../core/judgement/coverage.ts'
import type { Squash } from '../../run/finish/commits.ts'
import { shownPath } from '../kept/tree-changes.ts'
import { commitMerge, mergeInMemory, type PlaceOfMerge } from './merge-in-memory.ts'
import { onlyMergeBase, type Parents } from './trees.ts'

type IsHostFile = (path: string) => boolean

export interface Place extends PlaceOfMerge {
  readonly parents: Parents
}

/** The mode and object of each changed path at `to`; '' where the path is gone. */
async function changesBetween({ repoRoot, changes }: Place, from: string, to: string): Promise<Changes> {
  const found = await changes(repoRoot, from, to)
  return new Map(
    found.map(({ path, mode, after, kind }) => [shownPath(path), kind === 'removed' ? '' : `${mode} ${after}`]),
  )
}

/**
 * Paths where a merge commit differs from git's own merge of its parents. If git cannot merge them: all changed paths.
 */
export async function mergeDifference(
  place: Place,
  { commit, parents }: GraphCommit,
  isHostFile: IsHostFile,
): Promise<readonly string[]> {
  const { repoRoot } = place
  const [ours = '', theirs = '', ...more] = parents
  const all = async () => [...(await changesBetween(place, ours, commit)).keys()]
  if (theirs === '' || more.length > 0) return all()
  const base = await onlyMergeBase(repoRoot, ours, theirs, place.parents)
  if (base !== null) {
    const [our, their, merged] = await Promise.all([
      changesBetween(place, base, ours),
      changesBetween(place, base, theirs),
      changesBetween(place, base, commit),
    ])
    const odd = fileByFile(our, their, merged).filter(path => !isHostFile(path))
    if (odd.length === 0) return []
    return (await differenceFrom(await mergedTree(place, ours, theirs, isHostFile), commit)) ?? odd
  }
  return (await differenceFrom(await mergedTree(place, ours, theirs, isHostFile), commit)) ?? all()

  async function differenceFrom(tree: string | null, made: string): Promise<readonly string[] | null> {
    return tree === null
      ? null
      : [...(await changesBetween(place, tree, made)).keys()].filter(path => !isHostFile(path))
  }
}

/** Paths where moving the target from `before` to `after` in one step differs from merging the lanes. */
export async function squashDifference(
  place: Place,
  { before, after, lanes }: Squash,
  isHostFile: IsHostFile,
): Promise<readonly string[]> {
  const { repoRoot } = place
  const made = await changesBetween(place, before, after)
  const wanted = await Promise.all(
    lanes.map(async lane => {
      const base = await onlyMergeBase(repoRoot, before, lane, place.parents)
      if (base === null) return new Map<string, string>()
      const [ofLane, ofTarget] = await Promise.all([
        changesBetween(place, base, lane),
        changesBetween(place, base, before),
      ])
      return new Map([...ofLane].filter(([path, content]) => ofTarget.get(path) !== content))
    }),
  )
  const odd = ofLanes(wanted, made).filter(path => !isHostFile(path))
  if (odd.length === 0) return []
  let at: string | null = before
  for (const lane of lanes) at = at === null ? null : await mergeCommit(place, at, lane, isHostFile)
  if (at === null) return odd
  return [...(await changesBetween(place, at, after)).keys()].filter(path => !isHostFile(path))
}

/** The tree git makes when merging two commits; null: they conflict, or git is older than 2.38 and cannot tell. */
async function mergedTree(place: Place, ours: string, theirs: string, isHostFile: IsHostFile) {
  const merged = await mergeInMemory(place, [ours, theirs], isHostFile)
  return merged.kind === 'merged' ? merged.tree : null
}

async function mergeCommit(place: Place, ours: string, theirs: string, isHostFile: IsHostFile) {
  const tree = await mergedTree(place, ours, theirs, isHostFile)
  return tree === null ? null : commitMerge(place.repoRoot, tree, [ours, theirs])
}
