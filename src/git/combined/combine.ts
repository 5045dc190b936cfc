import type { Combined, Merged } from '../../run/gate/combining.ts'
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
  let last: Merged | null = null
  for (const [lane, head] of lanes.entries()) {
    const ours: string = last === null ? target : await commitOf(place.repoRoot, last)
    const merged = await mergeInMemory(place, [ours, head], isHostFile)
    if (merged.kind === 'conflict') return { ...merged, lane }
    if (merged.kind === 'not-possible') return merged
    last = { ...merged, parents: [ours, head] }
  }
  if (last !== null) return last
  const tree = (await gitOrThrow(place.repoRoot, ['rev-parse', `${target}^{tree}`])).trim()
  return { kind: 'merged', tree, parents: [target] }
}

/** Written only when it is needed. */
export async function commitOf(repoRoot: string, { tree, parents }: Merged): Promise<string> {
  const [ours, theirs] = parents
  if (theirs === undefined) return ours
  const made = await commitMerge(repoRoot, tree, [ours, theirs])
  if (made === null) throw new GitError('git commit-tree: the merged lanes could not be written')
  return made
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
