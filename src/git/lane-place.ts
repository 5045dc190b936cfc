import { join } from 'node:path'
import { head } from '../files/file-part.ts'

/** The whole `.git` file of a linked worktree. A longer file is not read further: agents can write it. */
const linked = /^gitdir: [^\n]*\/worktrees\/[^/\n]+\/?\n?$/
const longestLink = 8192

/**
 * Tells git that this linked worktree is the worktree. With `extensions.worktreeConfig`, which the host turns on, a
 * `core.worktree` that an agent sets for the repository leads git in every lane to another folder, and git commits or
 * overwrites that folder's content (measured, git 2.47 and 2.55). With `core.bare` git refuses to work.
 */
export function placeOf(cwd: string): { readonly GIT_WORK_TREE?: string } {
  const link = head(join(cwd, '.git'), longestLink)
  return !link.cut && linked.test(link.text) ? { GIT_WORK_TREE: cwd } : {}
}
