import { shellWord } from '../core/text.ts'
import { git } from './git.ts'

/**
 * True when the settings that all worktrees share set `core.worktree`. With `extensions.worktreeConfig`, which the host
 * turns on for its lanes, that leads git in every lane to the main checkout (measured).
 */
export async function namesAllWorktrees(root: string): Promise<boolean> {
  if (!(await haveOwnSettings(root))) return false
  return (await git(root, ['config', '--local', '--get', 'core.worktree'])).ok
}

/** The command that makes git use `root` as the main checkout without affecting the lane worktrees. */
export async function namingCommand(root: string): Promise<string> {
  const here = `git -C ${shellWord(root)} config`
  if (!(await haveOwnSettings(root))) return `${here} core.worktree ${shellWord(root)}`
  const unset = (await namesAllWorktrees(root)) ? `${here} --local --unset-all core.worktree && ` : ''
  return `${unset}${here} --worktree core.worktree ${shellWord(root)}`
}

/**
 * The command that takes `core.bare` back. With `extensions.worktreeConfig` on, `git sparse-checkout` moves a `core.bare` that
 * is set to the main checkout's own settings (measured), which come before the shared ones.
 */
export async function unbareCommand(root: string): Promise<string> {
  const here = `git -C ${shellWord(root)} config`
  const shared = `${here} core.bare false`
  return (await haveOwnSettings(root)) ? `${here} --worktree core.bare false && ${shared}` : shared
}

async function haveOwnSettings(root: string): Promise<boolean> {
  const answer = await git(root, ['config', '--type=bool', '--get', 'extensions.worktreeConfig'])
  return answer.stdout.trim() === 'true'
}
