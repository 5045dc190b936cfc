import { existsSync, statSync } from 'node:fs'
import { gitTrouble } from '../core/git-trouble.ts'
import { oneLine, shellWord } from '../core/text.ts'
import type { WorktreeState } from '../run/ports.ts'
import { causeIn, GitError, git } from './git.ts'

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

/** Neither gone nor workable: a branch without a commit, a HEAD cut off by a power failure, a repository that forgot it. */
function headless(worktree: string, stderr: string): GitError {
  const trouble = gitTrouble(stderr)
  if (trouble) return new GitError(`${worktree}: ${trouble.cause}; ${trouble.cure}`)
  const words = stderr.split('\n').find(line => line.startsWith('fatal:'))
  if (words) {
    const cure = 'git worktree repair; if that does not help, move the folder away, and it is made anew'
    return new GitError(`${worktree}: ${oneLine(words)}; in the repository: ${cure}`)
  }
  const cure = `git -C ${shellWord(worktree)} symbolic-ref HEAD refs/heads/<its lane branch>`
  return new GitError(`HEAD of ${worktree} names no commit; this puts it back and touches no file: ${cure}`)
}
