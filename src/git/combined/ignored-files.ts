import { constants, type Stats } from 'node:fs'
import { cp, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { shownPath } from '../kept/tree-changes.ts'
import { list } from '../list.ts'

/** The host's, or ours: no part of the project. */
const never = ['.git', '.kittify', '.worktrees']

/** Ignored files and folders of a worktree: installed packages, caches, build output. */
export async function ignoredFiles(worktree: string): Promise<readonly string[]> {
  const args = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z']
  const found = await list(worktree, args, {})
  return found.map(path => shownPath(path).replace(/\/$/, '')).filter(path => !never.includes(path.split('/')[0] ?? ''))
}

export async function bytesOf(path: string): Promise<number> {
  const found = await statsOf(path)
  if (!found?.isDirectory()) return found?.isFile() ? found.size : 0
  const names = await readdir(path).catch(() => [])
  let sum = 0
  for (const name of names) sum += await bytesOf(join(path, name))
  return sum
}

/** Shares the blocks with the original where the file system can. Sockets and pipes are left out. */
export async function copyIgnored(from: string, to: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const source = join(from, path)
    const copy = join(to, path)
    const found = await statsOf(source)
    if (!found) continue
    await mkdir(dirname(copy), { recursive: true })
    if (found.isSymbolicLink()) await symlink(await targetOf(source, from), copy)
    else if (isCopied(found)) await cp(source, copy, copying)
  }
}

const copying = {
  recursive: true,
  verbatimSymlinks: true,
  preserveTimestamps: true,
  mode: constants.COPYFILE_FICLONE,
  filter: async (source: string) => {
    const found = await statsOf(source)
    return found !== null && (isCopied(found) || found.isSymbolicLink())
  },
} as const

function isCopied(found: Stats): boolean {
  return found.isDirectory() || found.isFile()
}

/** A relative link that leads out of the worktree, such as to the packages of the main checkout, leads there still. */
async function targetOf(link: string, worktree: string): Promise<string> {
  const target = await readlink(link)
  const there = resolve(dirname(link), target)
  const leadsOut = relative(worktree, there).startsWith('..')
  return isAbsolute(target) || !leadsOut ? target : there
}

function statsOf(path: string): Promise<Stats | null> {
  return lstat(path).catch(() => null)
}
