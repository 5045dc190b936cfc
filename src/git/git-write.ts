import { oneLine } from '../core/text.ts'
import type { Setting } from '../process/inherited-environment.ts'
import { causeIn, type GitOptions, git } from './git.ts'
import { GitError } from './git-error.ts'
import { clearLock } from './worktree/locks.ts'

/** Work is committed even if the user has no valid identity. The other settings are those of every call. */
const ourIdentity: readonly Setting[] = ['user', 'author', 'committer'].flatMap(who => [
  [`${who}.name`, 'spec-kitty-orchestrator'],
  [`${who}.email`, 'spec-kitty-orchestrator@localhost'],
])

/** One command can meet several locks in turn: the index, HEAD, the branch. */
const mostLocks = 3

/** A git command that writes. If a lock is in the way, it waits for it, or removes it when its git is gone. */
export async function gitWrite(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const settings = [...ourIdentity, ...(options.settings ?? [])]
  for (let locks = 0; ; locks++) {
    const result = await git(cwd, args, { ...options, settings })
    if (result.ok) return result.stdout
    if (locks === mostLocks || !isLocked(result.stderr)) {
      // Includes the folder, so that a person can run the same command there.
      throw new GitError(`git -C ${cwd} ${args[0]}: ${causesIn(result.stderr)}`)
    }
    await clearLock(cwd, result.stderr)
  }
}

/** The first error gives the reason; the last line often says what it happened to. */
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
