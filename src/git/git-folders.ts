import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readRegular } from '../files/read-regular.ts'
import { GitError } from './git-error.ts'

export interface GitFolders {
  /** The worktree's own: index, HEAD. */
  readonly own: string
  /** Shared by all worktrees of the repository: objects, branches, settings. */
  readonly common: string
}

/**
 * Where git keeps its folders for this checkout. Reads what git reads (gitrepository-layout), because a `git rev-parse`
 * before each copy of a worktree costs a process.
 */
export function gitFolders(checkout: string): GitFolders {
  const pointer = pointerOf(checkout)
  if (pointer === null) throw new GitError(`${checkout} is not in a git repository`)
  const own = statSync(pointer).isFile() ? folderNamedBy(pointer) : pointer
  if (own === null) throw new GitError(`${pointer} does not name a git folder`)
  const common = join(own, 'commondir')
  return {
    own,
    common: existsSync(common) ? resolve(own, readRegular(common).toString().replace(/\n+$/, '')) : own,
  }
}

/** The nearest one, as for git: `core.worktree` may name a subfolder. */
function pointerOf(folder: string): string | null {
  const pointer = join(folder, '.git')
  if (existsSync(pointer)) return pointer
  const above = dirname(folder)
  return above === folder ? null : pointerOf(above)
}

/** The folder that a `.git` file names; null: it names none. */
export function folderNamedBy(pointer: string): string | null {
  const named = /^gitdir: ([^\0]+?)\n*$/.exec(readFileSync(pointer, 'utf8'))?.[1]
  return named === undefined ? null : resolve(dirname(pointer), named)
}
