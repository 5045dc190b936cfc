import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { nestedAt } from './nested.ts'

/**
 * Fetches the commits of repositories inside the worktree into its own object store, below `fetched`. Returns those
 * that no branch there holds, since any other ref may disappear.
 */
export async function commitsOfNested(
  worktree: string,
  nested: readonly string[],
  fetched: string,
): Promise<readonly string[]> {
  if (nested.length === 0) return []
  for (const [n, path] of nested.entries()) await fetchNested(worktree, path, `${fetched}/${n}`)
  const tips = await git(worktree, ['for-each-ref', '--format=%(objectname)', fetched])
  if (!tips.ok) throw new GitError(`git for-each-ref: ${causeIn(tips.stderr)}`)
  const commits: string[] = []
  for (const tip of new Set(tips.stdout.split('\n').filter(Boolean))) {
    const alone = await git(worktree, ['rev-list', '-n1', tip, '--not', '--exclude=refs/sko/*', '--all'])
    // A ref may name something other than a commit, which cannot be a parent of a commit.
    const commit = await git(worktree, ['rev-parse', '--verify', '--quiet', `${tip}^{commit}`])
    if (commit.ok && alone.stdout.trim() !== '') commits.push(commit.stdout.trim())
  }
  return [...new Set(commits)]
}

async function fetchNested(worktree: string, path: string, to: string): Promise<void> {
  const { cwd, repository } = nestedAt(worktree, path)
  if (await isSameStore(worktree, cwd, repository)) return
  const refs = await git(cwd, ['for-each-ref', '--format=%(objectname)'], { repository })
  const head = await git(cwd, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { repository })
  if (!refs.ok) throw new GitError(`git -C ${cwd} for-each-ref: ${causeIn(refs.stderr)}`)
  if (refs.stdout === '' && !head.ok) return
  const all = refs.stdout === '' ? [] : [`+refs/*:${to}/refs/*`]
  const detached = head.ok ? [`+HEAD:${to}/HEAD`] : []
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules', '--refmap=']
  await gitWrite(worktree, [...args, repository.gitDir, ...all, ...detached], {
    settings: [['protocol.file.allow', 'always']],
  })
  // Its settings can hide refs from a fetch.
  const fetched = await git(worktree, ['for-each-ref', '--format=%(objectname)', to])
  const there = new Set(fetched.stdout.split('\n'))
  const missing = refs.stdout.split('\n').find(oid => !there.has(oid))
  if (missing)
    throw new GitError(`${cwd} does not allow a fetch of its ref at ${missing}, so its commits cannot be kept`)
}

/** A worktree of this same repository: its commits are already in our store, and only its HEAD may be on no branch. */
async function isSameStore(
  worktree: string,
  cwd: string,
  repository: { readonly gitDir: string; readonly worktree: string },
): Promise<boolean> {
  const ours = await git(worktree, ['rev-parse', '--git-common-dir'])
  const theirs = await git(cwd, ['rev-parse', '--git-common-dir'], { repository })
  if (!ours.ok || !theirs.ok) return false
  const place = (from: string, stdout: string) => realpathSync(resolve(from, stdout.trim()))
  return place(worktree, ours.stdout) === place(cwd, theirs.stdout)
}

export async function forgetFetched(worktree: string, fetched: string): Promise<void> {
  const refs = await git(worktree, ['for-each-ref', '--format=delete %(refname)', fetched])
  if (refs.stdout === '') return
  await gitWrite(worktree, ['update-ref', '--stdin'], { stdin: Buffer.from(`${refs.stdout}\n`) })
}
