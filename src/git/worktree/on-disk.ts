import { lstatSync, type Stats } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../core/text.ts'
import { GitError } from '../git-error.ts'

/** undefined: nothing exists there. */
export function look(worktree: string, path: string): Stats | undefined {
  try {
    return lstatSync(onDisk(worktree, path))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    const place = shellWord(join(worktree, path))
    throw new GitError(`${place} cannot be examined: ${error instanceof Error ? error.message : error}`)
  }
}

export function onDisk(worktree: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${worktree}/`), Buffer.from(path, 'latin1')])
}

/** null: a folder, pipe, socket or device, which has no content. */
export function modeOf(stats: Stats | undefined): string | null {
  if (stats?.isSymbolicLink()) return '120000'
  if (!stats?.isFile()) return null
  return stats.mode & 0o100 ? '100755' : '100644'
}
