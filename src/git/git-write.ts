import { causeIn, GitError, git } from './git.ts'
import { clearLock } from './locks.ts'

/**
 * Work must be kept whatever the user's set-up: no hook, no signing that waits for a passphrase, no missing
 * identity, no refusal of line ends.
 */
const commitSettings = [
  '-c',
  'user.name=spec-kitty-orchestrator',
  '-c',
  'user.email=spec-kitty-orchestrator@localhost',
  '-c',
  'commit.gpgsign=false',
  '-c',
  'core.hooksPath=/dev/null',
  '-c',
  'core.safecrlf=false',
]

/** Locks in one command's way, one after the other: of the index, of HEAD, of the branch. */
const mostLocks = 3

/** A writing git command: a lock that stands in its way is waited for, or removed where its git is gone. */
export async function gitWrite(cwd: string, args: readonly string[]): Promise<string> {
  for (let locks = 0; ; locks++) {
    const result = await git(cwd, [...commitSettings, ...args])
    if (result.ok) return result.stdout
    if (locks === mostLocks || !isLocked(result.stderr)) {
      // Names the place: whoever reads it may run the same there.
      throw new GitError(`git -C ${cwd} ${args[0]}: ${causeIn(result.stderr)}`)
    }
    await clearLock(cwd, result.stderr)
  }
}

function isLocked(stderr: string): boolean {
  return /\.lock': File exists/.test(stderr)
}
