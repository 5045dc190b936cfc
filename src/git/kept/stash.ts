import { join } from 'node:path'
import { git } from '../git.ts'
import { gitWrite } from '../git-write.ts'
import { list } from '../list.ts'
import { withScratch } from '../scratch.ts'
import { treeChanges } from './tree-changes.ts'

/** All worktrees of a repository share `refs/stash`: an agent can pop what another one stashed. */
export interface StashEntry {
  readonly commit: string
  /** `WIP on <branch>: …` or `On <branch>: …`, unless its maker gave another one. */
  readonly subject: string
  /** Last part of the branch's name where it was made (git 2.31 writes no more); null: its subject does not say. */
  readonly branchEnd: string | null
}

/** More than this many are not looked at: the latest come first. */
const mostEntries = 200

export async function stashEntries(root: string): Promise<readonly StashEntry[]> {
  const there = await git(root, ['rev-parse', '--verify', '--quiet', 'refs/stash'])
  if (!there.ok) return []
  const args = ['log', '--walk-reflogs', `-n${mostEntries}`, '-z', '--format=%H%x09%gs', 'refs/stash', '--']
  return (await list(root, args, { encoding: 'utf8' })).map(record => {
    const [commit = '', subject = ''] = record.split('\t')
    const branch = /^(?:WIP on|On) ([^\s:]+): /.exec(subject)?.[1]
    return { commit, subject, branchEnd: branch === undefined ? null : branchEnd(branch) }
  })
}

export function branchEnd(branch: string): string {
  return branch.slice(branch.lastIndexOf('/') + 1)
}

/** What a stash entry changed, by path (`latin1`): the object that it has there. */
export async function stashContent(root: string, commit: string): Promise<ReadonlyMap<string, string>> {
  const changes = await treeChanges(root, `${commit}^1`, commit)
  const files = changes.filter(({ kind }) => kind !== 'removed').map(({ path, after }) => [path, after] as const)
  return new Map([...files, ...(await untrackedIn(root, commit)).map(({ path, oid }) => [path, oid] as const)])
}

/** The tree that applying the entry where it was made would give, new files included. */
export function stashTree(root: string, commit: string): Promise<string> {
  return withScratch(root, async scratch => {
    const index = join(scratch, 'index')
    await gitWrite(root, ['read-tree', commit], { index })
    const lines = (await untrackedIn(root, commit)).map(({ mode, oid, path }) => `${mode} ${oid}\t${path}\0`)
    const stdin = Buffer.from(lines.join(''), 'latin1')
    if (lines.length > 0) await gitWrite(root, ['update-index', '--add', '-z', '--index-info'], { index, stdin })
    return (await gitWrite(root, ['write-tree'], { index })).trim()
  })
}

/** The third parent of an entry made with `--include-untracked`. */
async function untrackedIn(root: string, commit: string) {
  const third = await git(root, ['rev-parse', '--verify', '--quiet', `${commit}^3`])
  return third.ok ? filesIn(root, third.stdout.trim()) : []
}

export async function filesIn(root: string, tree: string) {
  const lines = await list(root, ['ls-tree', '-r', '-z', '--full-tree', tree], {})
  return lines.flatMap(line => {
    const [, mode = '', oid = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
    return path === '' ? [] : [{ mode, oid, path }]
  })
}
