import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative } from 'node:path'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { GitError } from './git.ts'

/**
 * The path itself when it lies in the repository, symlinks followed; else the run ends: a host that names a place
 * outside could make us write anywhere.
 */
export function insideRepository(repoRoot: string, path: string): string {
  const outside = () =>
    new OrchestratorError({
      code: 'path-outside-repository',
      exitCode: exitCodes.host,
      message: `the host named a path outside the repository: ${JSON.stringify(path)}`,
      hint: 'run `spec-kitty doctor workspaces --json` in the repository; nothing was written there',
    })
  if (!isAbsolute(path) || path.includes('\0')) throw outside()
  const offset = relative(realpathOfRoot(repoRoot), realpathOfExisting(path))
  if (offset === '' || offset === '..' || offset.startsWith('../') || isAbsolute(offset)) throw outside()
  return path
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
