import type { TreeAt } from '../../core/work-package/own-work.ts'
import { gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'

/** Overrides the user's `log.*` settings. */
export const plainLog = ['--no-color', '--no-decorate', '--no-show-signature', '--no-notes']

/** `base` and the first-parent history up to `head`. Even if the lane was reset to before `base`, the last element is `head`. */
export async function history(worktree: string, base: string, head: string): Promise<readonly TreeAt[]> {
  const found = await treesAt(worktree, ['--first-parent', '--reverse', '--boundary'], [`${base}..${head}`])
  const beyond = found.filter(({ isBoundary }) => !isBoundary).map(({ at }) => at)
  // Where the history leads to `base`, it is the boundary.
  const start = found.find(({ isBoundary, at }) => isBoundary && at.commit === base)
  if (start && beyond.length > 0) return [start.at, ...beyond]
  const ends = await treesAt(worktree, ['--no-walk=unsorted'], beyond.length > 0 ? [base] : [base, head])
  const [first, last] = ends.map(({ at }) => at)
  if (!first) throw new GitError(`git log: there is no commit ${base}`)
  return [first, ...beyond, ...(last && last.commit !== first.commit ? [last] : [])]
}

async function treesAt(worktree: string, options: readonly string[], commits: readonly string[]) {
  const format = [...plainLog, '--format=%m %H %T %P', ...options, '--end-of-options']
  const lines = await gitOrThrow(worktree, ['log', ...format, ...commits])
  return lines
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [mark, commit = '', tree = '', ...parents] = line.trim().split(' ')
      const at: TreeAt = { commit, tree, merge: parents.length > 1 }
      return { at, isBoundary: mark === '-' }
    })
}
