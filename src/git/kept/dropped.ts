import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { git, gitOrThrow } from '../git.ts'
import { gitFolders } from '../git-folders.ts'
import { mayHaveMoved } from './reflog.ts'

const mostCommits = 50

/**
 * The commits that only our refs hold and that contain files which nothing else has. An amended commit is not among
 * them if all its files are in its replacement.
 */
export async function unheld(worktree: string, commits: readonly string[]): Promise<readonly string[]> {
  const found: string[] = []
  for (const commit of [...new Set(commits)].slice(0, mostCommits)) {
    const objects = await objectsIn(worktree, [commit, '--not', 'HEAD', '--exclude=refs/sko/*', '--all'])
    if (objects.length === 0) continue
    const base = await git(worktree, ['merge-base', 'HEAD', commit])
    const known = new Set(await objectsIn(worktree, ['HEAD', ...(base.ok ? ['--not', base.stdout.trim()] : [])]))
    const own = objects.filter(oid => !known.has(oid))
    if (await hasFile(worktree, own)) found.push(commit)
  }
  return independent(worktree, found)
}

/** Empty if a commit no longer exists. */
async function objectsIn(worktree: string, commits: readonly string[]): Promise<readonly string[]> {
  const listed = await git(worktree, ['rev-list', '--objects', '--no-object-names', ...commits])
  return listed.ok ? listed.stdout.split('\n').filter(Boolean) : []
}

async function hasFile(worktree: string, objects: readonly string[]): Promise<boolean> {
  return (await typesOf(worktree, objects)).some(({ type }) => type === 'blob')
}

async function typesOf(worktree: string, objects: readonly string[]) {
  const stdin = Buffer.from(objects.map(oid => `${oid}\n`).join(''))
  const lines = await gitOrThrow(worktree, ['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], {
    stdin,
  })
  return lines.split('\n').flatMap(line => {
    const [oid = '', type = '', size = ''] = line.split(' ')
    return type === '' || type === 'missing' ? [] : [{ oid, type, size: Number(size) }]
  })
}

/** Without commits that are ancestors of another one. */
async function independent(worktree: string, commits: readonly string[]): Promise<readonly string[]> {
  if (commits.length < 2) return commits
  const tips = await git(worktree, ['merge-base', '--independent', ...commits])
  return tips.ok ? tips.stdout.split('\n').filter(Boolean) : commits
}

/** Where HEAD of the worktree, and the branch, have pointed since then, according to the reflogs. */
export async function visited(worktree: string, branch: string | null, sinceMs: number): Promise<readonly string[]> {
  const commits: string[] = []
  const refs = ['HEAD', ...(branch ? [`refs/heads/${branch}`] : [])]
  for (const ref of refs.filter(name => mayHaveMoved(worktree, name, sinceMs))) {
    // A reflog entry gives the commit after the move. The entry before the first wanted one gives the starting point.
    const args = ['log', '--walk-reflogs', '-n500', '--date=unix', '--format=%H %gd', ref, '--']
    const log = await git(worktree, args)
    for (const line of log.ok ? log.stdout.split('\n').filter(Boolean) : []) {
      const [commit = '', selector = ''] = line.split(' ')
      const seconds = Number(/@\{(\d+)\}$/.exec(selector)?.[1] ?? 0)
      if (seconds * 1000 >= sinceMs - 1000) commits.push(commit)
    }
  }
  return commits
}

const mostObjects = 20_000
const mostBlobs = 200

/**
 * Files stored since then that nothing names: added to an index and later replaced or removed. Reads only loose
 * objects, because git does not pack these by itself.
 */
export async function unnamedBlobs(worktree: string, sinceMs: number): Promise<readonly string[]> {
  const fresh = looseSince(join(gitFolders(worktree).common, 'objects'), sinceMs)
  if (fresh.length === 0 || fresh.length > mostObjects) return []
  const reachable = await namedByRefs(worktree, sinceMs)
  const unnamed = fresh.filter(oid => !reachable.has(oid))
  if (unnamed.length === 0) return []
  const blobs = (await typesOf(worktree, unnamed)).filter(({ type, size }) => type === 'blob' && size > 0)
  if (blobs.length === 0) return []
  const staged = await namedByIndexes(worktree)
  return blobs
    .map(({ oid }) => oid)
    .filter(oid => !staged.has(oid))
    .slice(0, mostBlobs)
}

function looseSince(objects: string, sinceMs: number): readonly string[] {
  const found: string[] = []
  for (const folder of namesIn(objects).filter(name => /^[0-9a-f]{2}$/.test(name))) {
    for (const name of namesIn(join(objects, folder))) {
      const stats = statSync(join(objects, folder, name), { throwIfNoEntry: false })
      if (stats !== undefined && stats.mtimeMs >= sinceMs && /^[0-9a-f]{38,62}$/.test(name)) found.push(folder + name)
    }
  }
  return found
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** Objects named by commits younger than this, of refs, reflogs and stash entries. */
async function namedByRefs(worktree: string, sinceMs: number): Promise<ReadonlySet<string>> {
  const since = `--since=${Math.floor(sinceMs / 1000) - 60}`
  const args = ['rev-list', '--objects', '--no-object-names', '--all', '--reflog', since]
  return new Set((await gitOrThrow(worktree, args)).split('\n'))
}

async function namedByIndexes(worktree: string): Promise<ReadonlySet<string>> {
  const named = new Set<string>()
  const worktrees = (await gitOrThrow(worktree, ['worktree', 'list', '--porcelain'])).split('\n')
  for (const line of worktrees.filter(entry => entry.startsWith('worktree '))) {
    const staged = await git(line.slice('worktree '.length), ['ls-files', '--stage'])
    for (const entry of staged.stdout.split('\n')) named.add(entry.split(' ')[1] ?? '')
  }
  return named
}
