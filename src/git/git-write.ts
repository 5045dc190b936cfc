import { oneLine } from '../core/text.ts'
import type { Setting } from '../process/inherited-environment.ts'
import { GitError } from '../run/git-error.ts'
import { causeIn, type GitOptions, git } from './git.ts'
import { clearLock } from './worktree/locks.ts'

/** Work is kept whatever the user's identity is, also where there is none. The other settings are those of every call. */
const ourIdentity: readonly Setting[] = ['user', 'author', 'committer'].flatMap(who => [
  [`${who}.name`, 'spec-kitty-orchestrator'],
  [`${who}.email`, 'spec-kitty-orchestrator@localhost'],
])

/** Locks in one command's way, one after the other: of the index, of HEAD, of the branch. */
const mostLocks = 3

/** A writing git command: a lock that stands in its way is waited for, or removed where its git is gone. */
export async function gitWrite(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const settings = [...ourIdentity, ...(options.settings ?? [])]
  for (let locks = 0; ; locks++) {
    const result = await git(cwd, args, { ...options, settings })
    if (result.ok) return result.stdout
    if (locks === mostLocks || !isLocked(result.stderr)) {
      // Names the place: whoever reads it may run the same there.
      throw new GitError(`git -C ${cwd} ${args[0]}: ${causesIn(result.stderr)}`)
    }
    await clearLock(cwd, result.stderr)
  }
}

/** The first error says why, and the end often what it was done to. */
function causesIn(stderr: string): string {
  const end = stderr
    .trim()
    .split('\n')
    .findLast(line => line.startsWith('fatal:'))
  const cause = causeIn(stderr)
  return end === undefined || cause.includes(oneLine(end)) || !cause.startsWith('error:')
    ? cause
    : `${cause}; ${oneLine(end)}`
}

function isLocked(stderr: string): boolean {
  return /\.lock': File exists/.test(stderr)
}
