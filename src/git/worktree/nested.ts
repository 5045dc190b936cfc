import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { shellWord } from '../../core/text.ts'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { list, withoutFilters } from '../list.ts'
import { look, onDisk } from './on-disk.ts'

/** A repository inside a worktree: a submodule, or one that a tool made there. */
export function nestedAt(worktree: string, path: string) {
  const folder = onDisk(worktree, path).toString('utf8')
  return { cwd: folder, repository: { gitDir: join(folder, '.git'), worktree: folder } }
}

/**
 * How the content of a link is stored. `stored`: as the link's commit, in a repository outside the worktree. `files`:
 * there is no repository, so git lists none of its files. `repository`: it must be kept as well.
 */
export async function findNested(
  worktree: string,
  path: string,
  link: string,
): Promise<'stored' | 'files' | 'repository'> {
  const pointer = look(worktree, `${path}/.git`)
  if (pointer === undefined) return readdirSync(onDisk(worktree, path)).length === 0 ? 'stored' : 'files'
  if (!pointer.isFile()) return 'repository'
  const { cwd, repository } = nestedAt(worktree, path)
  const settings = await withoutFilters(cwd)
  const status = await git(cwd, ['status', '--porcelain=v2', '--branch', '--untracked-files=all'], {
    repository,
    settings,
  })
  const lines = status.stdout.split('\n').filter(Boolean)
  const isClean = lines.every(line => line.startsWith('# '))
  return status.ok && isClean && lines.includes(`# branch.oid ${link}`) ? 'stored' : 'repository'
}

/**
 * `submodule.recurse` leaves such a one behind (measured with 2.47): after `git reset --hard`, the submodule's `.git` file
 * names a folder that does not exist, and every `git add` in the worktree fails. Without the file git takes the submodule
 * for one that is not checked out.
 */
export async function refuseUnreadable(worktree: string, path: string): Promise<void> {
  const { cwd, repository } = nestedAt(worktree, path)
  const inside = await git(cwd, ['rev-parse', '--git-dir'], { repository })
  if (inside.ok) return
  const cure = look(worktree, `${path}/.git`)?.isFile() ? `rm -f -- ${shellWord(repository.gitDir)}` : null
  throw new GitError(`${cwd} is not a repository that git can read: ${causeIn(inside.stderr)}`, cure)
}

/** Files of a nested repository that are checked out or not ignored, with paths relative to the worktree. */
export async function listNested(worktree: string, path: string) {
  await refuseUnreadable(worktree, path)
  const { cwd, repository } = nestedAt(worktree, path)
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const names = new Set(await list(cwd, args, { repository }))
  const files: string[] = []
  const deeper: string[] = []
  for (const name of names) {
    const below = `${path}/${name.replace(/\/$/, '')}`
    const stats = look(worktree, below)
    if (!stats?.isDirectory()) files.push(below)
    else if (look(worktree, `${below}/.git`) === undefined) files.push(...listPlain(worktree, below))
    else deeper.push(below)
  }
  return { files, deeper }
}

/** Every file below a folder, including ignored ones. */
export function listPlain(worktree: string, path: string): readonly string[] {
  return readdirSync(onDisk(worktree, path), { encoding: 'latin1' }).flatMap(name => {
    const below = `${path}/${name}`
    return look(worktree, below)?.isDirectory() ? listPlain(worktree, below) : [below]
  })
}
