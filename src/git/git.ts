import type { Writable } from 'node:stream'
import { execa } from 'execa'
import { gitTrouble } from '../core/repository/git-trouble.ts'
import { oneLine } from '../core/text.ts'
import type { Setting } from '../process/inherited-environment.ts'
import { endGroup } from '../process/process-group.ts'
import { GitError } from '../run/git-error.ts'
import { gitEnvironment } from './environment.ts'
import { placeOf } from './lane-place.ts'

export interface GitResult {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** stdout was longer than `maxCharacters`: git was ended there. */
  readonly cut: boolean
}

export interface GitOptions {
  /** Where stdout goes. */
  readonly stdout?: Writable
  readonly stdin?: Uint8Array
  /** An index of ours instead of the worktree's. */
  readonly index?: string
  /** This repository, whatever is found from `cwd` upwards and whatever its settings say of its place. */
  readonly repository?: { readonly gitDir: string; readonly worktree: string }
  /** `latin1` keeps every byte of a path. */
  readonly encoding?: 'utf8' | 'latin1'
  /** Settings for this call alone. */
  readonly settings?: readonly Setting[]
  readonly maxCharacters?: number
  readonly timeoutSeconds?: number
}

/** From objects and refs alone. */
const readSeconds = 120
/** Reads the files of the worktree, through filters where their state is unknown. */
const lookSeconds = 300
/** A checkout may fetch gigabytes through a filter; a named pipe called `.gitignore` keeps git forever. */
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

/** Programs that no setting switches off: an external diff, and drivers that attributes name. */
const withoutPrograms: Readonly<Record<string, readonly string[]>> = {
  diff: ['--no-ext-diff', '--no-textconv'],
  log: ['--no-ext-diff', '--no-textconv'],
  show: ['--no-ext-diff', '--no-textconv'],
}

/** Runs git in `cwd`, `args[0]` being its command; a failure is a value. */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const [command = '', ...rest] = args
  const { timeoutSeconds = secondsFor(command), index, repository } = options
  const running = execa('git', [command, ...(withoutPrograms[command] ?? []), ...rest], {
    cwd,
    ...(options.stdin === undefined ? { stdin: 'ignore' } : { input: options.stdin }),
    ...(options.stdout === undefined ? {} : { stdout: options.stdout }),
    ...(options.maxCharacters ? { maxBuffer: options.maxCharacters } : {}),
    encoding: options.encoding ?? 'utf8',
    stripFinalNewline: options.encoding === undefined,
    reject: false,
    // Ctrl+C at the terminal reaches its whole foreground group: a commit that is being made is not cut off by it.
    detached: true,
    extendEnv: false,
    env: gitEnvironment(process.env, {
      settings: options.settings,
      variables: {
        ...(index === undefined ? {} : { GIT_INDEX_FILE: index }),
        ...(repository ? { GIT_DIR: repository.gitDir, GIT_WORK_TREE: repository.worktree } : placeOf(cwd)),
      },
    }),
  })
  const startedAt = performance.now()
  const { pid } = running
  // Its group: filters that it has started would hold our ends of its pipes.
  const limit = setTimeout(() => pid !== undefined && endGroup(pid, running), timeoutSeconds * 1000)
  const result = await running.finally(() => clearTimeout(limit))
  const late = result.failed && performance.now() - startedAt >= timeoutSeconds * 1000
  const stderr = late ? `it did not end within ${timeoutSeconds} s and was stopped` : text(result.stderr)
  return {
    ok: !result.failed,
    stdout: text(result.stdout),
    stderr: stderr || (result.shortMessage ?? ''),
    cut: result.isMaxBuffer,
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
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
  // The last line often only says that it failed; the first error says why.
  const cause = lines.find(line => /^(error|fatal):/.test(line)) ?? lines.at(-1) ?? ''
  return oneLine(cause) || 'it failed without a message'
}
