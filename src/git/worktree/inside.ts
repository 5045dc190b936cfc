import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { readRegular } from '../../files/read-regular.ts'
import { GitError } from '../git-error.ts'
import { folderNamedBy, gitFolders } from '../git-folders.ts'
import { relinkCommand } from './relink.ts'

/**
 * The target of `.worktrees` if it is a link: people keep lane worktrees on a larger disk. Read once, before any agent
 * runs, because an agent could change it. null: it is not a link.
 */
export function linkedLanes(repoRoot: string): string | null {
  const lanes = join(repoRoot, '.worktrees')
  return lstatSync(lanes, { throwIfNoEntry: false })?.isSymbolicLink() && existsSync(lanes) ? realpathSync(lanes) : null
}

/**
 * Returns the path if it is inside the repository, with symlinks followed, or below the target of `.worktrees`
 * (`lanes`). Otherwise throws: a host that names a place outside could make us write anywhere.
 */
export function insideRepository(repoRoot: string, path: string, lanes: string | null): string {
  const outside = () =>
    new OrchestratorError({
      code: 'path-outside-repository',
      exitCode: exitCodes.host,
      message: `the host named a path outside the repository: ${JSON.stringify(path)}`,
      hint: 'run `spec-kitty doctor workspaces --json` in the repository; nothing was written there',
    })
  if (!isAbsolute(path) || path.includes('\0')) throw outside()
  const roots = lanes === null ? [realpathOfRoot(repoRoot)] : [realpathOfRoot(repoRoot), lanes]
  const place = realpathOfExisting(path)
  if (!roots.some(root => isBelow(root, place))) throw outside()
  return path
}

function isBelow(root: string, place: string): boolean {
  const offset = relative(root, place)
  return offset !== '' && offset !== '..' && !offset.startsWith('../') && !isAbsolute(offset)
}

/**
 * Returns the path if it is inside the repository and, if it exists, is really a worktree of it. An agent can point its
 * `.git` anywhere: to settings that make us run its programs, or to another worktree, whose branch our commits would
 * move.
 */
export function worktreeInside(repoRoot: string, path: string, lanes: string | null): string {
  try {
    return ownWorktree(repoRoot, insideRepository(repoRoot, path, lanes))
  } catch (error) {
    if (error instanceof OrchestratorError || error instanceof GitError) throw error
    // A link to itself, a file, or a folder that we may not read.
    throw new GitError(error instanceof Error ? error.message : String(error))
  }
}

function ownWorktree(repoRoot: string, path: string): string {
  const pointer = join(path, '.git')
  const stats = lstatSync(pointer, { throwIfNoEntry: false })
  if (stats === undefined) return path
  const folder = stats.isFile() && stats.size < 8192 ? folderNamedBy(pointer) : null
  if (folder === null || !isOwn(repoRoot, path, folder)) {
    const cure = relinkCommand(repoRoot, path, isKnown(repoRoot, path))
    throw new GitError(`${pointer} does not point to this worktree's folder in the repository`, cure)
  }
  return path
}

/** Throws for a worktree without its `.git`. It looks like one that is gone, and its files would block a new one. */
export function refuseUnlinked(repoRoot: string, path: string): void {
  if (existsSync(join(path, '.git')) || !isFilled(path)) return
  const cure = relinkCommand(repoRoot, path, isKnown(repoRoot, path))
  throw new GitError(`the .git file of ${path} is gone, but its files are still there`, cure)
}

function isFilled(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(path).length > 0
}

/** True if one of the folders below `.git/worktrees` names it. */
function isKnown(repoRoot: string, path: string): boolean {
  const all = join(gitFolders(repoRoot).common, 'worktrees')
  const names = existsSync(all) ? readdirSync(all) : []
  return names.some(name => isOwn(repoRoot, path, join(all, name)))
}

/**
 * git stores both directions: the worktree names its folder below `.git/worktrees`, and that folder names the worktree.
 */
function isOwn(repoRoot: string, path: string, folder: string): boolean {
  try {
    const all = join(realpathSync(gitFolders(repoRoot).common), 'worktrees')
    const back = readRegular(join(folder, 'gitdir')).toString().replace(/\n+$/, '')
    return dirname(realpathSync(folder)) === all && realpathSync(dirname(resolve(folder, back))) === realpathSync(path)
  } catch {
    return false
  }
}

/** An agent can remove more than its worktree. */
function realpathOfRoot(repoRoot: string): string {
  if (!existsSync(repoRoot)) throw new GitError(`there is no repository at ${repoRoot} any more`)
  return realpathSync(repoRoot)
}

function realpathOfExisting(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : `${realpathOfExisting(parent)}/${path.slice(parent.length).replace(/^\//, '')}`
}
