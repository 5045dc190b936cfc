import type { Writable } from 'node:stream'
import { gitTrouble } from '../core/repository/git-trouble.ts'
import { oneLine } from '../core/text.ts'
import type { Setting } from '../process/inherited-environment.ts'
import { gitEnvironment } from './call/environment.ts'
import { runGit } from './call/git-process.ts'
import { GitError } from './git-error.ts'
import { placeOf } from './lane-place.ts'

export interface GitResult {
  readonly ok: boolean
  /** null: it did not start, or was ended. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout was longer than `maxCharacters`, so git was stopped. */
  readonly cut: boolean
}

export interface GitOptions {
  /** Where stdout goes. */
  readonly stdout?: Writable
  readonly stdin?: Uint8Array
  /** Use this index instead of the worktree's. */
  readonly index?: string
  /** Use this repository, whatever `cwd` and the settings say. */
  readonly repository?: { readonly gitDir: string; readonly worktree: string }
  /** `latin1` keeps every byte of a path. */
  readonly encoding?: 'utf8' | 'latin1'
  /** Settings for this call only. */
  readonly settings?: readonly Setting[]
  readonly maxCharacters?: number
  readonly timeoutSeconds?: number
}

/** More is not looked at. */
const mostCharacters = 100_000_000
/** For commands that read only objects and refs. */
const readSeconds = 120
/** For commands that read the worktree's files, with filters where their state is unknown. */
const lookSeconds = 300
/** A checkout may fetch gigabytes through a filter, and git waits forever on a named pipe called `.gitignore`. */
const writeSeconds = 1800
const looks: ReadonlySet<string> = new Set(['status', 'diff-files', 'diff-index', 'ls-files'])
const writes: ReadonlySet<string> = new Set([
  ...['add', 'apply', 'checkout', 'clean', 'commit', 'fetch', 'hash-object', 'merge', 'rebase', 'reset', 'worktree'],
  ...['update-index', 'write-tree'],
])

function secondsFor(command: string): number {
  if (writes.has(command)) return writeSeconds
  return looks.has(command) ? lookSeconds : readSeconds
}

/** Options against programs that no setting disables: an external diff, and drivers named by attributes. */
const withoutPrograms: Readonly<Record<string, readonly string[]>> = {
  diff: ['--no-ext-diff', '--no-textconv'],
  log: ['--no-ext-diff', '--no-textconv'],
  show: ['--no-ext-diff', '--no-textconv'],
}

/** Runs git in `cwd`; `args[0]` is its command. A failure is returned as a value. */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const [command = '', ...rest] = args
  const { timeoutSeconds = secondsFor(command), index, repository } = options
  const end = await runGit({
    args: [command, ...(withoutPrograms[command] ?? []), ...rest],
    cwd,
    env: gitEnvironment(process.env, {
      settings: options.settings,
      variables: {
        ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
        ...(repository ? { GIT_DIR: repository.gitDir, GIT_WORK_TREE: repository.worktree } : placeOf(cwd)),
      },
    }),
    stdin: options.stdin ?? null,
    stdout: options.stdout ?? null,
    encoding: options.encoding ?? 'utf8',
    maxCharacters: options.maxCharacters || mostCharacters,
    timeoutSeconds,
  })
  const text = (printed: string) => (options.encoding === undefined ? printed.replace(/\r?\n$/, '') : printed)
  const late = `it did not end within ${timeoutSeconds} s and was stopped`
  return {
    ok: end.ok,
    exitCode: end.exitCode,
    stdout: text(end.stdout),
    stderr: end.timedOut ? late : text(end.stderr) || (end.ok ? '' : end.how),
    cut: end.cut,
  }
}

export async function gitOrThrow(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const result = await git(cwd, args, options)
  if (!result.ok) throw new GitError(`git ${args[0]}: ${causeIn(result.stderr)}`)
  return result.stdout
}

export function causeIn(stderr: string): string {
  const trouble = gitTrouble(stderr)
  if (trouble) return `${trouble.cause}; ${trouble.cure}`
  const lines = stderr.trim().split('\n')
  // The last line often only says that git failed; the first error says why.
  const cause = lines.find(line => /^(error|fatal):/.test(line)) ?? lines.at(-1) ?? ''
  return oneLine(cause) || 'it failed without a message'
}
