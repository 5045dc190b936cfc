import type { Combined } from '../../run/gate/combining.ts'
import { gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { commitMerge, mergeInMemory } from '../history/merge-in-memory.ts'
import { shownPath, type TreeChanges } from '../kept/tree-changes.ts'

type IsHostFile = (path: string) => boolean

interface Place {
  readonly repoRoot: string
  readonly changes: TreeChanges
}

export async function combine(
  place: Place,
  target: string,
  lanes: readonly string[],
  isHostFile: IsHostFile,
): Promise<Combined> {
  let commit = target
  let tree = (await gitOrThrow(place.repoRoot, ['rev-parse', `${target}^{tree}`])).trim()
  for (const [lane, head] of lanes.entries()) {
    const merged = await mergeInMemory(place, [commit, head], isHostFile)
    if (merged.kind === 'conflict') return { ...merged, lane }
    if (merged.kind === 'not-possible') return merged
    const made = await commitMerge(place.repoRoot, merged.tree, [commit, head])
    if (made === null) throw new GitError('git commit-tree: the merged lanes could not be written')
    commit = made
    tree = merged.tree
  }
  return { kind: 'merged', commit, tree }
}

export async function conflicts(place: Place, ours: string, theirs: string, isHostFile: IsHostFile) {
  const merged = await mergeInMemory(place, [ours, theirs], isHostFile)
  return merged.kind === 'conflict' ? merged.files : []
}

export async function difference(
  { repoRoot, changes }: Place,
  a: string,
  b: string,
  isHostFile: IsHostFile,
): Promise<readonly string[]> {
  if (a === b) return []
  return (await changes(repoRoot, a, b)).map(({ path }) => shownPath(path)).filter(path => !isHostFile(path))
}
