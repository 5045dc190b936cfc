import { oneLine } from '../../core/text.ts'
import type { WorktreeState } from '../../run/git/workspace.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { list } from '../list.ts'
import { emptiedLinks, type Flagged, hiddenPaths, indexAndOthers, unhide, withoutSparseCheckout } from './hidden.ts'
import { inspect } from './inspect.ts'
import { refuseUnreadable } from './nested.ts'
import { look } from './on-disk.ts'
import { unbornIn } from './unborn.ts'

/**
 * Commits everything that is not ignored. If something cannot be added, throws an error that names it, without a
 * commit. A nested repository without a commit stays as it is; `danglingLinks` reports it.
 */
export async function commitAll(worktree: string, message: string, found?: WorktreeState): Promise<string> {
  const before = found ?? (await inspect(worktree))
  if (before.kind === 'missing') throw new GitError(`there is no worktree at ${worktree}`)
  const { entries, others } = await indexAndOthers(worktree)
  const hidden = await hiddenPaths(worktree, entries)
  await unhide(worktree, hidden)
  const isUnlinked = await unlink(worktree, entries)
  const state = hidden.length > 0 || isUnlinked ? await inspect(worktree) : before
  if (state.kind === 'ready' && !state.dirty && !(await isMerging(worktree))) return state.head
  for (const path of submodulesOf(worktree, entries)) await refuseUnreadable(worktree, path)
  const unborn = await unbornIn(worktree, isUnlinked ? (await indexAndOthers(worktree)).others : others)
  await addAllBut(worktree, unborn)
  const { left, isStaged } = await afterAdding(worktree, unborn)
  if (left.length > 0) throw new GitError(`git add left out ${oneLine(left.slice(0, 10).join(', '))}`)
  if (isStaged || (await isMerging(worktree))) {
    await gitWrite(worktree, ['commit', '--quiet', '--no-verify', '--message', message], withoutSparseCheckout())
  }
  return (await gitOrThrow(worktree, ['rev-parse', 'HEAD'])).trim()
}

async function isMerging(worktree: string): Promise<boolean> {
  return (await git(worktree, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'])).ok
}

/** git only warns about a folder that it cannot open, so what is still untracked was left out. */
async function afterAdding(worktree: string, unborn: readonly string[]) {
  const args = ['status', '--porcelain', '-z', '--untracked-files=all', '--ignore-submodules=dirty', '--no-renames']
  const lines = await list(worktree, args, withoutSparseCheckout())
  const untracked = lines.filter(line => line.startsWith('?? ')).map(line => line.slice(3))
  return {
    left: untracked.filter(path => !unborn.some(folder => path === `${folder}/`)),
    isStaged: lines.some(line => !/^[ ?]/.test(line)),
  }
}

/** The submodules that are checked out. */
function submodulesOf(worktree: string, entries: readonly Flagged[]): readonly string[] {
  const links = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  return links.filter(path => look(worktree, `${path}/.git`) !== undefined)
}

async function addAllBut(worktree: string, folders: readonly string[]): Promise<void> {
  if (folders.length === 0) return void (await gitWrite(worktree, ['add', '--all'], withoutSparseCheckout()))
  const paths = [':(top)', ...folders.map(path => `:(top,exclude,literal)${path}`)]
  const stdin = Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1')
  await gitWrite(worktree, ['add', '--all', '--pathspec-from-file=-', '--pathspec-file-nul'], {
    ...withoutSparseCheckout(),
    stdin,
  })
}

/** True: there was such a link, and its files can now be added. */
async function unlink(worktree: string, entries: readonly Flagged[]): Promise<boolean> {
  const links = emptiedLinks(worktree, entries)
  if (links.length === 0) return false
  const stdin = Buffer.from(links.map(path => `${path}\0`).join(''), 'latin1')
  await gitWrite(worktree, ['update-index', '--force-remove', '-z', '--stdin'], { stdin })
  return true
}
