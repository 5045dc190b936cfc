import { join } from 'node:path'
import { head } from '../files/file-part.ts'

/** All of the `.git` file of a linked worktree. Of a longer one no more is read, at each call: agents can write there. */
const linked = /^gitdir: [^\n]*\/worktrees\/[^/\n]+\/?\n?$/
const longestLink = 8192

/**
 * In a linked worktree git is told that this folder is the worktree. Where worktrees have settings of their own
 * (`extensions.worktreeConfig`, which the host turns on), a `core.worktree` that an agent sets for the repository leads
 * git in every lane to another folder, whose content it then commits or overwrites (measured, git 2.47 and 2.55);
 * `core.bare` makes it refuse.
 */
export function placeOf(cwd: string): { readonly GIT_WORK_TREE?: string } {
  const link = head(join(cwd, '.git'), longestLink)
  return !link.cut && linked.test(link.text) ? { GIT_WORK_TREE: cwd } : {}
}
