import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { GitError } from './git-error.ts'
import { gitFolders } from './git-folders.ts'

/** Followed by the id of the process that made it. */
const prefix = 'sko-scratch-'

/**
 * A folder for a temporary index. It is inside git's own folder, because the system's temporary folder may be on
 * another disk, or full.
 */
export async function withScratch<T>(worktree: string, work: (folder: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(gitFolders(worktree).common, `${prefix}${process.pid}-`))
  try {
    return await work(scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Removes what killed processes left. */
export function removeScratch(root: string): void {
  try {
    const { common } = gitFolders(root)
    for (const name of readdirSync(common)) {
      if (isLeft(name, prefix)) rmSync(join(common, name), { recursive: true, force: true })
    }
  } catch (error) {
    // It is a few hundred kilobytes, and the next copy will fail with the same cause.
    if (!(error instanceof GitError) && !(error instanceof Error && 'code' in error)) throw error
  }
}

/** Whether a folder of this kind is of a process that has ended. Its id follows the prefix. */
export function isLeft(name: string, prefix: string): boolean {
  const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
  if (!(pid > 0) || pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}
