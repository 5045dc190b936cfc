import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { TreeChange } from '../../core/work-package/lost.ts'
import { gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { onDisk } from '../worktree/on-disk.ts'
import { type Kept, keep } from './kept.ts'
import { shownPath, treeChanges } from './tree-changes.ts'

export interface Restored {
  /** The overwritten content; null: nothing was overwritten. */
  readonly before: Kept | null
  /** Paths that were written. */
  readonly written: readonly string[]
  /** Paths that were not written, because that would have lost something, each with the reason. */
  readonly left: readonly string[]
}

export interface RestoreTarget {
  readonly worktree: string
  readonly runId: string
  readonly wpId: string
}

/**
 * Writes the files of a kept commit that differ into the worktree, after keeping what is there now. Removes nothing.
 */
export async function restoreKept(target: RestoreTarget, commit: string, why: string): Promise<Restored> {
  const { worktree } = target
  const before = await keep({ ...target, why, reason: 'before-restore', proven: true })
  const changes = await treeChanges(worktree, before.commit, commit)
  const found = changes.filter(({ kind }) => kind !== 'removed')
  const overwrites = found.some(({ kind }) => kind === 'modified')
  const written: string[] = []
  const left: string[] = []
  for (const change of found) {
    const shown = shownPath(change.path)
    const against = whyNot(worktree, change)
    if (against === null) await write(worktree, change)
    if (against === null) written.push(shown)
    else left.push(`${shown}: ${against}`)
  }
  if (!overwrites) await gitWrite(worktree, ['update-ref', '--no-deref', '-d', before.ref, before.commit])
  return { before: overwrites ? before : null, written, left }
}

/** null: the file can be written without losing anything. */
function whyNot(worktree: string, { mode, path, kind }: TreeChange): string | null {
  const parts = path.split('/')
  if (parts.some(part => part === '' || part === '.' || part === '..' || part.toLowerCase() === '.git')) {
    return 'not a valid path in a worktree'
  }
  if (mode === '160000') return 'a link to a commit of another repository'
  for (const [n] of parts.slice(0, -1).entries()) {
    const parent = at(worktree, parts.slice(0, n + 1).join('/'))
    if (parent !== undefined && !parent.isDirectory()) return `${parts.slice(0, n + 1).join('/')} is in the way`
  }
  const there = at(worktree, path)
  if (there?.isDirectory()) return 'a folder is in the way'
  return there !== undefined && kind === 'added' ? 'a file that git ignores is there' : null
}

function at(worktree: string, path: string) {
  return lstatSync(onDisk(worktree, path), { throwIfNoEntry: false })
}

async function write(worktree: string, { mode, after, path }: TreeChange): Promise<void> {
  const place = onDisk(worktree, path)
  const folder = path.includes('/') ? onDisk(worktree, path.slice(0, path.lastIndexOf('/'))) : null
  try {
    if (folder !== null) mkdirSync(folder, { recursive: true })
    rmSync(place, { force: true })
    if (mode === '120000') {
      const target = await gitOrThrow(worktree, ['cat-file', 'blob', after], { encoding: 'latin1' })
      symlinkSync(Buffer.from(target, 'latin1'), place)
      return
    }
    const file = await open(place, 'wx', mode === '100755' ? 0o777 : 0o666)
    try {
      await gitOrThrow(worktree, ['cat-file', 'blob', after], { stdout: file.createWriteStream() })
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof GitError) throw error
    const cause = error instanceof Error ? error.message : String(error)
    throw new GitError(`${join(worktree, shownPath(path))} cannot be written: ${cause}`)
  }
}
