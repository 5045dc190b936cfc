import { mkdirSync, rmSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { setAside } from '../../files/set-aside.ts'
import type { KeepAs, KeptChange } from '../../run/git/workspace.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { type Kept, keep } from '../kept/kept.ts'
import { withScratch } from '../scratch.ts'
import { emptiedLinks, hiddenPaths, indexEntries, unhide } from './hidden.ts'
import { inspect } from './inspect.ts'
import { nestedAt } from './nested.ts'
import { look, onDisk } from './on-disk.ts'

export interface Place {
  readonly head: string
  readonly branch: string | null
}

/**
 * Puts the worktree back to `at`. All later commits, changes and new files are first kept under a ref. If that fails,
 * nothing is put back.
 */
export async function restore(worktree: string, at: Place, as: KeepAs, runId: string): Promise<KeptChange> {
  await refuseMissing(worktree)
  await gitOrThrow(worktree, ['rev-parse', '--verify', '--quiet', `${at.head}^{commit}`])
  const lane = at.branch === null ? null : await git(worktree, ['rev-parse', '--verify', `refs/heads/${at.branch}`])
  const { wpId, why, reason } = as
  const commits = lane?.ok ? [lane.stdout.trim()] : []
  const kept = await keep({ worktree, runId, wpId, why, reason, commits, proven: true })
  const patch = await patchOf(worktree, at.head, kept, as.patchFile)
  try {
    await putBack(worktree, at)
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    throw new GitError(`${error.message} (what was there is kept in ${kept.ref})`)
  }
  return { ref: kept.ref, patch, since: at.head }
}

/** Without its own `.git`, git would work on the main checkout around this folder. */
async function refuseMissing(worktree: string): Promise<string | null> {
  const state = await inspect(worktree)
  if (state.kind === 'missing') throw new GitError(`there is no worktree at ${worktree}`)
  return state.branch
}

async function putBack(worktree: string, at: Place): Promise<void> {
  const branch = await refuseMissing(worktree)
  await unhide(worktree, await hiddenPaths(worktree, await indexEntries(worktree)))
  if (branch !== at.branch && at.branch) {
    await git(worktree, ['rebase', '--quit'])
    await gitWrite(worktree, ['checkout', '--quiet', '--force', '-B', at.branch, at.head, '--'])
  }
  await gitWrite(worktree, ['reset', '--quiet', '--hard', at.head])
  // The second --force is for repositories inside the worktree.
  await gitWrite(worktree, ['clean', '--quiet', '-d', '--force', '--force'])
  await putBackLinks(worktree)
}

/** `reset` does not move a nested repository, which may be at a newer commit than its link. */
async function putBackLinks(worktree: string): Promise<void> {
  const entries = await indexEntries(worktree)
  for (const path of emptiedLinks(worktree, entries)) {
    const folder = onDisk(worktree, path)
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder)
  }
  for (const { path, mode, oid } of entries) {
    if (mode !== '160000' || !look(worktree, `${path}/.git`)) continue
    const { cwd, repository } = nestedAt(worktree, path)
    const head = await git(cwd, ['rev-parse', '--verify', '--quiet', 'HEAD'], { repository })
    if (head.stdout.trim() !== oid) {
      await gitWrite(cwd, ['checkout', '--quiet', '--force', '--detach', oid, '--'], { repository })
    }
  }
}

/**
 * The kept changes as a patch, for reading and for `git apply`. null: there is none, because only commits differ, a
 * patch cannot express it, or it could not be written. The ref has everything.
 */
async function patchOf(worktree: string, base: string, kept: Kept, patchFile: string): Promise<string | null> {
  const file = await openNew(patchFile)
  if (file === null) return null
  const args = ['diff-tree', '-r', '-p', '--binary', '--full-index', '--no-renames', '--no-color', '--no-ext-diff']
  const plain = ['--no-textconv', '--src-prefix=a/', '--dst-prefix=b/', '--no-commit-id', '--submodule=short']
  const made = await git(worktree, [...args, ...plain, base, kept.commit], { stdout: file.createWriteStream() })
  await file.close().catch(() => undefined)
  if (made.ok && (await reproduces(worktree, base, kept.tree, patchFile))) return patchFile
  rmSync(patchFile, { force: true })
  return null
}

/** null: there is no space or no folder for it. */
async function openNew(path: string): Promise<FileHandle | null> {
  try {
    setAside(path)
    return await open(path, 'wx', 0o600)
  } catch {
    return null
  }
}

/** True if the patch applied to `base` gives exactly this tree. */
function reproduces(worktree: string, base: string, tree: string, patchFile: string): Promise<boolean> {
  return withScratch(worktree, async scratch => {
    const index = join(scratch, 'index')
    const steps = [['read-tree', base], ['apply', '--cached', '--whitespace=nowarn', patchFile], ['write-tree']]
    for (const step of steps) {
      const result = await git(worktree, step, { index })
      if (!result.ok) return false
      if (step[0] === 'write-tree') return result.stdout.trim() === tree
    }
    return false
  })
}
