import { mergeDifference as fileByFile, squashDifference as ofLanes } from '../../core/judgement/coverage.ts'
import type { Squash } from '../../run/finish/commits.ts'
import { git, gitOrThrow } from '../git.ts'
import { changesBetween, onlyMergeBase, withoutReplaceRefs } from './trees.ts'

type IsHostFile = (path: string) => boolean

/**
 * Paths where a merge commit differs from git's own merge of its parents. If git cannot merge them: all changed paths.
 */
export async function mergeDifference(
  repoRoot: string,
  commit: string,
  isHostFile: IsHostFile,
): Promise<readonly string[]> {
  const line = await gitOrThrow(repoRoot, ['rev-list', '--parents', '--no-walk', commit], withoutReplaceRefs)
  const [, ours = '', theirs = '', ...more] = line.trim().split(' ')
  const all = async () => [...(await changesBetween(repoRoot, ours, commit)).keys()]
  if (theirs === '' || more.length > 0) return all()
  const base = await onlyMergeBase(repoRoot, ours, theirs)
  if (base !== null) {
    const [our, their, merged] = await Promise.all([
      changesBetween(repoRoot, base, ours),
      changesBetween(repoRoot, base, theirs),
      changesBetween(repoRoot, base, commit),
    ])
    const odd = fileByFile(our, their, merged).filter(path => !isHostFile(path))
    if (odd.length === 0) return []
    return (await differenceFrom(repoRoot, await mergedTree(repoRoot, ours, theirs, isHostFile), commit)) ?? odd
  }
  return (await differenceFrom(repoRoot, await mergedTree(repoRoot, ours, theirs, isHostFile), commit)) ?? all()

  async function differenceFrom(root: string, tree: string | null, made: string): Promise<readonly string[] | null> {
    return tree === null ? null : [...(await changesBetween(root, tree, made)).keys()].filter(path => !isHostFile(path))
  }
}

/** Paths where moving the target from `before` to `after` in one step differs from merging the lanes. */
export async function squashDifference(
  repoRoot: string,
  { before, after, lanes }: Squash,
  isHostFile: IsHostFile,
): Promise<readonly string[]> {
  const made = await changesBetween(repoRoot, before, after)
  const wanted = await Promise.all(
    lanes.map(async lane => {
      const base = await onlyMergeBase(repoRoot, before, lane)
      if (base === null) return new Map<string, string>()
      const [ofLane, ofTarget] = await Promise.all([
        changesBetween(repoRoot, base, lane),
        changesBetween(repoRoot, base, before),
      ])
      return new Map([...ofLane].filter(([path, content]) => ofTarget.get(path) !== content))
    }),
  )
  const odd = ofLanes(wanted, made).filter(path => !isHostFile(path))
  if (odd.length === 0) return []
  let at: string | null = before
  for (const lane of lanes) at = at === null ? null : await mergeCommit(repoRoot, at, lane, isHostFile)
  if (at === null) return odd
  return [...(await changesBetween(repoRoot, at, after)).keys()].filter(path => !isHostFile(path))
}

/** The tree git makes when merging two commits; null: they conflict, or git is older than 2.38 and cannot tell. */
async function mergedTree(repoRoot: string, ours: string, theirs: string, isHostFile: IsHostFile) {
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages', ours, theirs]
  const merged = await git(repoRoot, args, withoutReplaceRefs)
  const [tree = '', ...conflicts] = merged.stdout.split('\0').filter(Boolean)
  if (!/^[\da-f]{40,64}$/.test(tree)) return null
  return conflicts.every(isHostFile) ? tree : null
}

/** A commit on no branch; git removes it in time. */
async function mergeCommit(repoRoot: string, ours: string, theirs: string, isHostFile: IsHostFile) {
  const tree = await mergedTree(repoRoot, ours, theirs, isHostFile)
  if (tree === null) return null
  const settings = [
    ['user.name', 'sko'],
    ['user.email', 'sko@localhost'],
  ] as const
  const args = ['commit-tree', tree, '-p', ours, '-p', theirs, '-m', 'compare']
  const made = await git(repoRoot, args, { settings })
  return made.ok ? made.stdout.trim() : null
}
