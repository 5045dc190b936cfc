import { existsSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, relative } from 'node:path'
import { exitCodes, OrchestratorError } from '../errors.ts'

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
  const offset = relative(realpathSync(repoRoot), realpathOfExisting(path))
  if (offset === '' || offset === '..' || offset.startsWith('../') || isAbsolute(offset)) throw outside()
  return path
}

function realpathOfExisting(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  const parent = dirname(path)
  return parent === path ? path : `${realpathOfExisting(parent)}/${path.slice(parent.length).replace(/^\//, '')}`
}
