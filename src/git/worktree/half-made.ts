import { git } from '../git.ts'

/**
 * What git writes for a merge driver: base, ours and theirs of one file. The driver, a host program, takes nearly two
 * seconds, so a claim killed in coord topology usually leaves these files (measured in 9 of 16 kills).
 */
const mergeDriverFile = /^\.merge_file_[A-Za-z0-9]{6}$/

/**
 * A claim that is killed in coord topology leaves a lane worktree in the middle of a checkout or a merge, often with an
 * index.lock (measured in 16 of 24 kills). It may be removed only if it holds nothing of its own: no commit that is on
 * no other branch, and no file whose content is not in a commit.
 */
export async function isHalfMade(worktree: string, baseRef: string | null): Promise<boolean> {
  const branch = await git(worktree, ['symbolic-ref', '--quiet', 'HEAD'])
  const own = branch.stdout.trim()
  if (!branch.ok || !own) return false
  const others = await git(worktree, ['for-each-ref', '--format=%(refname)', 'refs/heads'])
  if (!others.ok) return false
  const refs = others.stdout.split('\n').filter(ref => ref && ref !== own)
  const commits = await git(worktree, ['rev-list', '--count', 'HEAD', '--not', ...refs])
  if (!commits.ok || commits.stdout.trim() !== '0') return false
  const changed = await changedFiles(worktree)
  if (!changed) return false
  const known = await knownBlobs(worktree, ['HEAD', ...(baseRef ? [baseRef] : []), ...refs])
  for (const file of changed) {
    const blob = await git(worktree, ['hash-object', '--', file])
    if (!blob.ok || !known.has(blob.stdout.trim())) return false
  }
  return true
}

/** Files that differ from HEAD or are not in it. Deleted ones hold nothing. */
async function changedFiles(worktree: string): Promise<readonly string[] | null> {
  const tracked = await git(worktree, ['diff', '--name-only', '-z', '--diff-filter=d', 'HEAD'])
  const untracked = await git(worktree, ['ls-files', '--others', '--exclude-standard', '-z'])
  if (!tracked.ok || !untracked.ok) return null
  const found = untracked.stdout.split('\0').filter(file => !mergeDriverFile.test(file))
  return [...new Set([...tracked.stdout.split('\0'), ...found].filter(Boolean))]
}

async function knownBlobs(worktree: string, refs: readonly string[]): Promise<ReadonlySet<string>> {
  const blobs = new Set<string>()
  for (const ref of refs) {
    const tree = await git(worktree, ['ls-tree', '-r', '-z', ref])
    for (const line of tree.ok ? tree.stdout.split('\0') : []) blobs.add(line.split(/[ \t]/)[2] ?? '')
  }
  return blobs
}
