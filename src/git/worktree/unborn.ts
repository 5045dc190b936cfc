import { git } from '../git.ts'
import { list } from '../list.ts'
import { nestedAt } from './nested.ts'

/**
 * Repositories inside the worktree without a commit. While there is one, `git add` adds nothing at all. Paths are
 * `latin1`.
 */
export async function unbornRepositories(worktree: string): Promise<readonly string[]> {
  return unbornIn(worktree, await list(worktree, ['ls-files', '-z', '--others', '--exclude-standard'], {}))
}

/** The same for untracked paths that were just listed. */
export async function unbornIn(worktree: string, others: readonly string[]): Promise<readonly string[]> {
  const unborn: string[] = []
  // git ends a folder's name with a slash, and names a folder only if it is a repository.
  for (const folder of others.filter(path => path.endsWith('/')).map(path => path.slice(0, -1))) {
    const { cwd, repository } = nestedAt(worktree, folder)
    const isOne = await git(cwd, ['rev-parse', '--git-dir'], { repository })
    const head = await git(cwd, ['rev-parse', '--verify', '--quiet', 'HEAD'], { repository })
    if (isOne.ok && !head.ok) unborn.push(folder)
  }
  return unborn
}
