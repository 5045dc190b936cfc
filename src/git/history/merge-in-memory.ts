import { causeIn, git } from '../git.ts'
import { type PlaceOfDrivers, withoutDrivers, withoutHostDrivers } from './merge-drivers.ts'
import { withoutReplaceRefs } from './trees.ts'

export type MergeInMemory =
  | { readonly kind: 'merged'; readonly tree: string }
  | { readonly kind: 'conflict'; readonly files: readonly string[] }
  /** The cause, of git older than 2.38: it has no such merge. */
  | { readonly kind: 'not-possible'; readonly why: string }

export interface PlaceOfMerge extends PlaceOfDrivers {
  /** False: no program that the repository names runs. Default: true. */
  readonly runsDrivers?: boolean
}

/**
 * What git makes when it merges two commits. It moves no ref and uses no index or worktree. Conflicts in files of the host
 * do not count.
 */
export async function mergeInMemory(
  place: PlaceOfMerge,
  [ours, theirs]: readonly [ours: string, theirs: string],
  isHostFile: (path: string) => boolean,
): Promise<MergeInMemory> {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs]
  const drivers =
    place.runsDrivers === false
      ? await withoutDrivers(place, [ours, theirs])
      : await withoutHostDrivers(place, [ours, theirs], isHostFile)
  const settings = [...withoutReplaceRefs.settings, ...drivers]
  const merged = await git(place.repoRoot, args, { settings })
  const [tree = '', ...conflicts] = merged.stdout.split('\0').filter(Boolean)
  if (!/^[\da-f]{40,64}$/.test(tree)) return { kind: 'not-possible', why: `git merge-tree: ${causeIn(merged.stderr)}` }
  const files = conflicts.filter(path => !isHostFile(path))
  return files.length > 0 ? { kind: 'conflict', files } : { kind: 'merged', tree }
}

const ourIdentity = [
  ['user.name', 'sko'],
  ['user.email', 'sko@localhost'],
] as const

/** A commit on no branch, which git removes in time; null: git cannot write it. */
export async function commitMerge(
  repoRoot: string,
  tree: string,
  [ours, theirs]: readonly [ours: string, theirs: string],
): Promise<string | null> {
  const args = ['commit-tree', tree, '-p', ours, '-p', theirs, '-m', 'compare']
  const made = await git(repoRoot, args, { settings: ourIdentity })
  return made.ok ? made.stdout.trim() : null
}
