import { shellWord } from '../core/text.ts'
import { git } from './git.ts'

/**
 * Whether the settings that all worktrees share name one checkout for all of them. With `extensions.worktreeConfig`, which
 * the host's lanes turn on, a `core.worktree` there leads git in every lane to the main checkout (measured).
 */
export async function namesAllWorktrees(root: string): Promise<boolean> {
  if (!(await haveOwnSettings(root))) return false
  return (await git(root, ['config', '--local', '--get', 'core.worktree'])).ok
}

/** The command that makes git take `root` for the main checkout, and leaves the lane worktrees what they are. */
export async function namingCommand(root: string): Promise<string> {
  const here = `git -C ${shellWord(root)} config`
  if (!(await haveOwnSettings(root))) return `${here} core.worktree ${shellWord(root)}`
  const unset = (await namesAllWorktrees(root)) ? `${here} --local --unset-all core.worktree && ` : ''
  return `${unset}${here} --worktree core.worktree ${shellWord(root)}`
}

async function haveOwnSettings(root: string): Promise<boolean> {
  const answer = await git(root, ['config', '--type=bool', '--get', 'extensions.worktreeConfig'])
  return answer.stdout.trim() === 'true'
}
