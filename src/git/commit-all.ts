import { readdirSync } from 'node:fs'
import { GitError, git, gitOrThrow } from './git.ts'
import { gitWrite } from './git-write.ts'
import { type Flagged, hiddenPaths, inAllOfIt, indexEntries, unhide } from './hidden.ts'
import { inspect } from './inspect.ts'
import { look, onDisk } from './on-disk.ts'

/** Commits everything that is not ignored; what cannot be added is an error that names it, and no commit is made. */
export async function commitAll(worktree: string, message: string): Promise<string> {
  const before = await inspect(worktree)
  if (before.kind === 'missing') throw new GitError(`there is no worktree at ${worktree}`)
  const entries = await indexEntries(worktree)
  const hidden = await hiddenPaths(worktree, entries)
  await unhide(worktree, hidden)
  const isUnlinked = await unlink(worktree, entries)
  const merging = await git(worktree, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'])
  const state = hidden.length > 0 || isUnlinked ? await inspect(worktree) : before
  if (state.kind === 'ready' && !state.dirty && !merging.ok) return state.head
  await gitWrite(worktree, ['add', '--all'], inAllOfIt())
  const staged = await git(worktree, ['diff-index', '--cached', '--quiet', 'HEAD'])
  if (!staged.ok || merging.ok) {
    await gitWrite(worktree, ['commit', '--quiet', '--no-verify', '--message', message], inAllOfIt())
  }
  return (await gitOrThrow(worktree, ['rev-parse', 'HEAD'])).trim()
}

/** True: there was one. A link whose repository was taken out of the folder: git would neither add the files in it nor name them. */
async function unlink(worktree: string, entries: readonly Flagged[]): Promise<boolean> {
  const links = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  const folders = links.filter(path => look(worktree, path)?.isDirectory() && !look(worktree, `${path}/.git`))
  const filled = folders.filter(path => readdirSync(onDisk(worktree, path)).length > 0)
  if (filled.length === 0) return false
  const stdin = Buffer.from(filled.map(path => `${path}\0`).join(''), 'latin1')
  await gitWrite(worktree, ['update-index', '--force-remove', '-z', '--stdin'], { stdin })
  return true
}
