import { join } from 'node:path'
import { readRegular } from '../files/read-regular.ts'

/** The first line of the `.git` file of a linked worktree. Longer ones are not read: agents can write there. */
const linked = /^gitdir: [^\n]*\/worktrees\/[^/\n]+\/?\n?$/
const longestLink = 8192

/**
 * In a linked worktree git is told that this folder is the worktree. Where worktrees have settings of their own
 * (`extensions.worktreeConfig`, which the host turns on), a `core.worktree` that an agent sets for the repository leads
 * git in every lane to another folder, whose content it then commits or overwrites (measured, git 2.47 and 2.55);
 * `core.bare` makes it refuse.
 */
export function placeOf(cwd: string): { readonly GIT_WORK_TREE?: string } {
  try {
    const link = readRegular(join(cwd, '.git'))
    return link.length <= longestLink && linked.test(link.toString('utf8')) ? { GIT_WORK_TREE: cwd } : {}
  } catch {
    return {}
  }
}
