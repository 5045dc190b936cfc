import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  type Stats,
} from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { oneLine, shellWord } from '../../core/text.ts'
import { writersOf } from '../../process/table/open-files.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'

/** On a busy machine the host's merge of the planning commit into a lane takes this long (measured: 20 s). */
const patienceMs = 60_000
const pollMs = 100
/** Where the system does not show which process works where, an older lock counts as left behind. */
const staleMs = 60_000

/**
 * Waits for, or removes, a lock that stopped a git command. It waits while the lock's git is alive. It removes a lock
 * that was left behind, but only one of this worktree or of its branch. Otherwise throws an error that names the lock.
 */
export async function clearLock(worktree: string, stderr: string): Promise<void> {
  const lock = /Unable to create '(.+\.lock)': File exists/.exec(stderr)?.[1]
  if (lock === undefined) throw new GitError(oneLine(stderr))
  const removable = (await isOwn(worktree, lock)) && !maybeAlive(lock)
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = lstatSync(lock, { throwIfNoEntry: false })
    if (found === undefined) return
    const pid = gitAtWork(worktree, lock)
    if (pid === null && !removable) {
      throw new GitError(`${lock} is in the way; if git is no longer running there: rm -- ${shellWord(lock)}`)
    }
    // Meanwhile that git may have ended and another one started.
    if (pid === null && isSame(found, lstatSync(lock, { throwIfNoEntry: false }))) break
    if (performance.now() > deadline) {
      throw new GitError(
        `git (pid ${pid}) is running in ${worktree} and holds ${lock}: wait for it to finish, or stop it`,
      )
    }
    await sleep(pollMs)
  }
  rmSync(lock, { force: true })
}

function isSame(before: Stats, now: Stats | undefined): boolean {
  return before.ino === now?.ino && before.ctimeMs === now.ctimeMs
}

/** False: a git was running there during the whole wait. */
export async function gitIsGone(worktree: string): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (gitAtWork(worktree, null) !== null) {
    if (performance.now() > deadline) return false
    await sleep(pollMs)
  }
  return true
}

/** The process that writes the lock, or a git that runs in the worktree; null: there is none. */
export function gitAtWork(worktree: string, lock: string | null): number | null {
  if (!hasProc()) return null
  const folder = existsSync(worktree) ? realpathSync(worktree) : worktree
  const writers = lock === null ? [] : writersOf(lock)
  const gits = readdirSync('/proc').filter(name => /^\d+$/.test(name) && isGitIn(name, folder))
  return [...writers, ...gits].map(Number).find(pid => pid !== process.pid) ?? null
}

function isGitIn(pid: string, folder: string): boolean {
  const cwd = readOr(() => readlinkSync(`/proc/${pid}/cwd`))
  if (cwd !== folder && !cwd.startsWith(`${folder}/`)) return false
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
  const state = stat.slice(stat.lastIndexOf(')') + 2)[0]
  return /^git\b/.test(name) && state !== 'Z'
}

/** Empty if it is gone, or not ours to read. */
function readOr(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}

/**
 * A lock of this worktree (`index.lock`, `HEAD.lock` in its own folder in `.git`), or of the branch checked out in it.
 */
async function isOwn(worktree: string, lock: string): Promise<boolean> {
  const folder = await git(worktree, ['rev-parse', '--git-dir'])
  if (!folder.ok) return false
  const own = resolve(worktree, folder.stdout.trim())
  if (dirname(lock) === own && /^(?:index|HEAD)\.lock$/.test(basename(lock))) return true
  const branch = await git(worktree, ['symbolic-ref', '--quiet', 'HEAD'])
  return branch.ok && lock.endsWith(`/${branch.stdout.trim()}.lock`)
}

/** Only root can see the open files and folders of another user's processes. */
function maybeAlive(lock: string): boolean {
  const { mtimeMs, uid } = lstatSync(lock, { throwIfNoEntry: false }) ?? { mtimeMs: 0, uid: null }
  const self = process.getuid?.() ?? uid
  if (hasProc()) return uid !== null && self !== 0 && uid !== self
  return Date.now() - mtimeMs < staleMs
}

function hasProc(): boolean {
  return existsSync('/proc/self/stat')
}
