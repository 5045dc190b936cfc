import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { git } from '../git.ts'
import { gitWrite } from '../git-write.ts'
import { list } from '../list.ts'
import { withScratch } from '../scratch.ts'
import { reflogOf } from './reflog.ts'
import { treeChanges } from './tree-changes.ts'

/** All worktrees of a repository share `refs/stash`, so one agent can pop another's entry. */
export interface StashEntry {
  readonly commit: string
  /** `WIP on <branch>: …` or `On <branch>: …`, unless it was made with a message of another form. */
  readonly subject: string
  /**
   * The last part of the branch name where it was made (git 2.31 writes no more); null: the subject does not name it.
   */
  readonly branchEnd: string | null
}

/** Older entries than this many are ignored: the latest come first. */
const mostEntries = 200

export async function stashEntries(root: string): Promise<readonly StashEntry[]> {
  // The entries are the lines of this log.
  const log = reflogOf(root, 'refs/stash')
  if (log !== null && !existsSync(log)) return []
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

/** The changes in a stash entry: path (`latin1`) -> object. */
export async function stashContent(root: string, commit: string): Promise<ReadonlyMap<string, string>> {
  const changes = await treeChanges(root, `${commit}^1`, commit)
  const files = changes.filter(({ kind }) => kind !== 'removed').map(({ path, after }) => [path, after] as const)
  return new Map([...files, ...(await untrackedIn(root, commit)).map(({ path, oid }) => [path, oid] as const)])
}

/** The tree that results from applying the entry where it was made, with new files. */
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
