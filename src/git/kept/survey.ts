import { copyFileSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import type { Setting } from '../../process/inherited-environment.ts'
import type { GitOptions } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitFolders } from '../git-folders.ts'
import { list } from '../list.ts'
import { indexAndOthers, unhide } from '../worktree/hidden.ts'
import { findNested, listNested, listPlain } from '../worktree/nested.ts'
import { look, modeOf } from '../worktree/on-disk.ts'

/** Paths are `latin1` strings, one character per byte, because a file name need not be valid text. */
export interface Survey {
  /** Files unchanged since they were stored, with their index entry. */
  readonly known: ReadonlyMap<string, Entry>
  /** Files and links that must be read from disk, with their mode. */
  readonly onDisk: ReadonlyMap<string, string>
  /** Repositories inside the worktree. Their commits may exist nowhere else. */
  readonly nested: readonly string[]
}

export interface Entry {
  readonly mode: string
  readonly oid: string
}

/**
 * Everything in a worktree that git does not ignore, including files hidden by index flags, files outside a sparse
 * checkout, and nested repositories. Starts no program and writes only the copy of the index at `index`.
 * `settings`: those that disable filters.
 */
export async function survey(worktree: string, index: string, settings: readonly Setting[]): Promise<Survey> {
  copyIndex(worktree, index)
  const options: GitOptions = { index, encoding: 'latin1', settings }
  const { entries, others } = await indexAndOthers(worktree, options)
  const present = lookAtAll(
    worktree,
    entries.map(({ path }) => path),
  )
  const hiddenHere = entries.filter(({ hidden, path }) => hidden && present.get(path))
  await unhide(
    worktree,
    hiddenHere.map(({ path }) => path),
    options,
  )
  const changed = new Set(await changedPaths(worktree, options))
  const known = new Map<string, Entry>()
  const onDisk = new Map<string, string>()
  const nested: string[] = []
  const add = (path: string) => {
    const mode = modeOf(look(worktree, path))
    if (mode !== null) onDisk.set(path, mode)
  }
  for (const { path, mode, oid, merged, hidden } of entries) {
    const stats = present.get(path)
    if (mode === '160000' && stats?.isDirectory()) {
      const inside = await findNested(worktree, path, oid)
      if (inside === 'stored') known.set(path, { mode, oid })
      else if (inside === 'files') listPlain(worktree, path).forEach(add)
      else nested.push(path)
    } else if (merged && (stats ? !changed.has(path) : hidden || mode === '160000')) known.set(path, { mode, oid })
    else if (stats) add(path)
  }
  for (const path of others) {
    if (path.endsWith('/')) nested.push(path.slice(0, -1))
    else add(path)
  }
  // Even a repository that git does not recognise may hold commits.
  nested.push(...foldersOf(others).filter(folder => look(worktree, `${folder}/.git`)))
  for (const { path, mode } of entries) {
    if (mode !== '160000' && isNested(worktree, path, present)) nested.push(path)
  }
  const all = new Set(nested)
  for (const folder of all) {
    const { files, deeper } = await listNested(worktree, folder)
    files.forEach(add)
    for (const path of deeper) all.add(path)
  }
  return { known, onDisk, nested: [...all] }
}

/** Files behind a link that replaced a folder are not in the worktree. */
function lookAtAll(worktree: string, paths: readonly string[]): ReadonlyMap<string, Stats | undefined> {
  const folders = new Map<string, boolean>([['', true]])
  const isInside = (folder: string): boolean => {
    const known = folders.get(folder)
    if (known !== undefined) return known
    const inside = isInside(parentOf(folder)) && look(worktree, folder)?.isDirectory() === true
    folders.set(folder, inside)
    return inside
  }
  return new Map(paths.map(path => [path, isInside(parentOf(path)) ? look(worktree, path) : undefined]))
}

function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>()
  for (const path of paths) {
    for (let folder = parentOf(path); folder !== '' && !folders.has(folder); folder = parentOf(folder))
      folders.add(folder)
  }
  return [...folders]
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

/** A file that was replaced by a repository: git lists nothing in it. */
function isNested(worktree: string, path: string, present: ReadonlyMap<string, Stats | undefined>): boolean {
  return present.get(path)?.isDirectory() === true && look(worktree, `${path}/.git`) !== undefined
}

/** There may be none yet. */
function copyIndex(worktree: string, to: string): void {
  try {
    copyFileSync(join(gitFolders(worktree).own, 'index'), to)
  } catch (error) {
    if (error instanceof GitError) throw error
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    throw new GitError(`the index of ${worktree} cannot be read: ${error instanceof Error ? error.message : error}`)
  }
}

async function changedPaths(worktree: string, options: GitOptions): Promise<readonly string[]> {
  return list(worktree, ['diff-files', '-z', '--name-only', '--no-renames', '--ignore-submodules=all'], options)
}
