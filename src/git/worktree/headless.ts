import { join, resolve } from 'node:path'
import { gitTrouble } from '../../core/repository/git-trouble.ts'
import { oneLine, shellWord } from '../../core/text.ts'
import { readRegular } from '../../files/read-regular.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'

/**
 * Explains a worktree that exists but cannot be used: its branch has no commit, a power failure cut off HEAD, or the
 * repository no longer knows it.
 */
export async function headless(worktree: string, stderr: string): Promise<GitError> {
  const file = brokenHead(worktree)
  if (file !== null)
    return new GitError(`${file} names neither a branch nor a commit`, branch => rewriteCommand(file, branch))
  const trouble = gitTrouble(stderr)
  if (trouble) return new GitError(`${worktree}: ${trouble.cause}; ${trouble.cure}`)
  const words = stderr.split('\n').find(line => line.startsWith('fatal:'))
  if (words) {
    const cure = 'git worktree repair; if that does not help, move the folder away, and the host makes a new one'
    return new GitError(`${worktree}: ${oneLine(words)}; in the repository: ${cure}`)
  }
  const listed = await git(worktree, ['for-each-ref', '--format=%(refname)', 'refs/heads'])
  const branches = new Set(listed.stdout.split('\n'))
  const last = await lastCommit(worktree)
  return new GitError(`HEAD of ${worktree} names no commit`, branch => {
    const ref = shellWord(`refs/heads/${branch}`)
    const back = `git -C ${shellWord(worktree)} symbolic-ref HEAD ${ref}`
    if (branches.has(`refs/heads/${branch}`)) return back
    return last === null ? null : `git -C ${shellWord(worktree)} update-ref ${ref} ${last} && ${back}`
  })
}

/** The last commit of a worktree whose branch was deleted; null: the reflog does not have it. */
async function lastCommit(worktree: string): Promise<string | null> {
  const path = await git(worktree, ['rev-parse', '--git-path', 'logs/HEAD'])
  const lines = (path.ok && textOf(resolve(worktree, path.stdout.trim())).split('\n')) || []
  const commits = lines.flatMap(line => /^[0-9a-f]+ ([0-9a-f]+) /.exec(line)?.[1] ?? [])
  const last = commits.findLast(commit => !/^0+$/.test(commit))
  const isThere = last !== undefined && (await git(worktree, ['cat-file', '-e', `${last}^{commit}`])).ok
  return isThere ? last : null
}

/** The HEAD file, if it does not name what is checked out. git then does not see a repository there. */
function brokenHead(worktree: string): string | null {
  const folder = /^gitdir: (.+)/.exec(textOf(join(worktree, '.git')))?.[1]
  if (folder === undefined) return null
  const file = resolve(worktree, folder, 'HEAD')
  return /^(?:ref: refs\/|[0-9a-f]{40})/.test(textOf(file)) ? null : file
}

/** Empty if it cannot be read. */
function textOf(file: string): string {
  try {
    return readRegular(file).toString()
  } catch {
    return ''
  }
}

function rewriteCommand(file: string, branch: string): string {
  return `printf 'ref: refs/heads/%s\\n' ${shellWord(branch)} > ${shellWord(file)}`
}
