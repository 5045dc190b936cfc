import { existsSync, statSync } from 'node:fs'
import { GitError } from '../../run/git-error.ts'
import type { WorktreeState } from '../../run/ports.ts'
import { causeIn, git } from '../git.ts'
import { headless } from './headless.ts'

export async function inspect(worktree: string): Promise<WorktreeState> {
  // A folder without its own .git would answer for the main checkout around it.
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
 * HEAD, branch and tree as of one moment, and in one process: this is asked some ten times for each WP. What only changed
 * inside a submodule or a repository in the worktree is nothing that a commit of ours could take.
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
