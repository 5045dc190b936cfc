import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { nextLine } from '../../core/next-command.ts'
import type { MainLook } from '../../core/repository/strayed.ts'
import type { WatchedCheckout } from '../../run/attempts/main-watch.ts'
import type { GitOptions } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitFolders } from '../git-folders.ts'
import { keep } from '../kept/kept.ts'
import { list, withoutFilters } from '../list.ts'
import { look as lookAt, onDisk } from '../worktree/on-disk.ts'
import { whyGitCannotWork } from './main-trouble.ts'

/**
 * Files of the host and of sko, which change all the time, and those that git makes for a merge driver while it merges
 * (ll-merge.c), also in memory.
 */
const notTheirs = [
  ':(top)',
  ...['kitty-specs', '.kittify', '.worktrees', '.merge_file_??????'].map(path => `:(top,exclude)${path}`),
]

export function watchedCheckout(root: string, runId: string): WatchedCheckout {
  return {
    path: root,
    look: () => ifGitCan(() => look(root)),
    changedBetween: async (before, after) =>
      (await ifGitCan(async () => {
        const names = ['diff', '--name-only', '-z', '--no-renames', before, after, '--', ...notTheirs]
        return (await list(root, names, thisCheckout(root))).map(readable)
      })) ?? [],
    keep: why =>
      ifGitCan(async () => {
        // With core.worktree set, git would copy another folder.
        const trouble = await whyGitCannotWork(root)
        if (trouble) throw new GitError(nextLine(trouble))
        return (await keep({ worktree: root, runId, wpId: 'main', why, reason: 'strayed', proven: false })).ref
      }),
  }
}

/** null on a git error: that is not the attempt's fault, and is reported where it matters. */
async function ifGitCan<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof GitError) return null
    throw error
  }
}

/** Has git describe this folder, even when an agent has set `core.worktree` or `core.bare`. */
function thisCheckout(root: string): GitOptions {
  return { repository: { gitDir: gitFolders(root).own, worktree: root } }
}

async function look(root: string): Promise<MainLook> {
  const untracked = ['--untracked-files=all', '--ignore-submodules=none', '--no-renames']
  const args = ['status', '--porcelain=v2', '--branch', '--no-ahead-behind', '-z', ...untracked, '--', ...notTheirs]
  const lines = await list(root, args, { ...thisCheckout(root), settings: await withoutFilters(root) })
  const header = (name: string) => lines.find(line => line.startsWith(`# branch.${name} `))?.split(' ')[2]
  const branch = header('head')
  const entries = lines.filter(line => !line.startsWith('# ')).map(entryOf)
  return {
    head: header('oid') ?? '',
    branch: branch === undefined || branch === '(detached)' ? null : readable(branch),
    files: new Map(entries.map(({ path, state }) => [readable(path), `${state} ${contentOf(root, path)}`])),
    refs: await refs(root, branch ?? ''),
  }
}

/** `1 <8 fields> <path>`, `u <10 fields> <path>`, `? <path>` */
function entryOf(line: string): { readonly path: string; readonly state: string } {
  const fields = { '1': 8, u: 10 }[line[0] ?? ''] ?? 1
  const path = line.split(' ').slice(fields).join(' ')
  return { path, state: line.slice(0, line.length - path.length) }
}

/** Larger files, in bytes, are compared by their modification time. */
const mostRead = 1024 * 1024

function contentOf(root: string, path: string): string {
  const stats = lookAt(root, path)
  if (stats === undefined) return 'gone'
  if (!stats.isFile() && !stats.isSymbolicLink()) return 'no file'
  if (stats.size > mostRead) return `${stats.size} ${stats.mtimeMs}`
  try {
    const place = onDisk(root, path)
    const bytes = stats.isSymbolicLink() ? readlinkSync(place, { encoding: 'buffer' }) : readFileSync(place)
    return createHash('sha256').update(bytes).digest('hex')
  } catch {
    // Removed meanwhile, or not readable.
    return `${stats.size} ${stats.mtimeMs}`
  }
}

async function refs(root: string, branch: string): Promise<ReadonlyMap<string, string>> {
  const lines = await list(root, ['for-each-ref', '--format=%(objectname) %(refname)%00'], {})
  const all = lines.map(line => line.trim().split(' ')).filter(([, ref]) => ref !== undefined)
  const isOthers = (ref: string) => ref === `refs/heads/${branch}` || /^refs\/(?:heads\/kitty\/|sko\/|stash$)/.test(ref)
  return new Map(all.flatMap(([oid = '', ref = '']) => (isOthers(ref) ? [] : [[readable(ref), oid] as const])))
}

function readable(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
