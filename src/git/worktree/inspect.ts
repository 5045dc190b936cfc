import { existsSync, statSync } from 'node:fs'
import type { WorktreeState } from '../../run/git/workspace.ts'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { headless } from './headless.ts'

export async function inspect(worktree: string): Promise<WorktreeState> {
  // Without its own .git, git would describe the main checkout around this folder.
  if (!existsSync(`${worktree}/.git`) || !statSync(worktree).isDirectory()) return { kind: 'missing' }
  const status = await git(worktree, statusArgs)
  const lines = status.stdout.split('\n').filter(Boolean)
  const header = (name: string) => lines.find(line => line.startsWith(`# branch.${name} `))?.split(' ')[2]
  const head = header('oid')
  if (!status.ok || head === undefined || head === '(initial)') throw await unworkable(worktree, status.stderr)
  const branch = header('head')
  return {
    kind: 'ready',
    head,
    dirty: lines.some(line => !line.startsWith('# ')),
    branch: branch === undefined || branch === '(detached)' ? null : branch,
  }
}

/**
 * HEAD, branch and tree at one moment, from one process: this is asked about ten times per WP. Changes inside a
 * submodule or a nested repository do not count, because our commits cannot contain them.
 */
const statusArgs = [
  'status',
  '--porcelain=v2',
  '--branch',
  '--no-ahead-behind',
  '--untracked-files=normal',
  '--ignore-submodules=dirty',
]

async function unworkable(worktree: string, stderr: string): Promise<GitError> {
  const head = await git(worktree, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return head.ok ? new GitError(`git status: ${causeIn(stderr)}`) : headless(worktree, head.stderr)
}
