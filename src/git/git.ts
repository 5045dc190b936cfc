import { existsSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { oneLine } from '../core/text.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'

export interface GitResult {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** stdout was longer than `maxCharacters`: git was ended there. */
  readonly cut: boolean
}

/** Work must be kept whatever the user's set-up: no hook, no signing that waits for a passphrase, no missing identity. */
const commitSettings = [
  '-c',
  'user.name=spec-kitty-orchestrator',
  '-c',
  'user.email=spec-kitty-orchestrator@localhost',
  '-c',
  'commit.gpgsign=false',
  '-c',
  'core.hooksPath=/dev/null',
]

/** Runs git in `cwd`; a failure is a value. */
export async function git(
  cwd: string,
  args: readonly string[],
  options: { stdoutFile?: string; maxCharacters?: number } = {},
): Promise<GitResult> {
  const result = await execa('git', [...args], {
    cwd,
    stdin: 'ignore',
    ...(options.stdoutFile ? { stdout: { file: options.stdoutFile }, buffer: { stdout: false } } : {}),
    ...(options.maxCharacters ? { maxBuffer: options.maxCharacters } : {}),
    reject: false,
    extendEnv: false,
    env: {
      ...withoutGitRedirections(process.env),
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      LC_ALL: 'C',
    },
  })
  return {
    ok: !result.failed,
    stdout: text(result.stdout),
    stderr: text(result.stderr) || (result.shortMessage ?? ''),
    cut: result.isMaxBuffer,
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** For git calls whose failure is a defect of the worktree: the caller turns the error into a halt of the WP. */
export class GitError extends Error {}

export async function gitOrThrow(
  cwd: string,
  args: readonly string[],
  options: { stdoutFile?: string } = {},
): Promise<string> {
  const result = await git(cwd, args, options)
  if (!result.ok) throw new GitError(`git ${args.find(arg => /^[a-z]/.test(arg))}: ${causeIn(result.stderr)}`)
  return result.stdout
}

/**
 * A writing git command. An `index.lock` in the way is left by a git that was killed: nobody else works in this
 * worktree while we do, and its agent's processes are gone, so it is removed and the command tried once more.
 */
export async function gitWrite(cwd: string, args: readonly string[]): Promise<string> {
  const withSettings = [...commitSettings, ...args]
  const first = await git(cwd, withSettings)
  if (first.ok) return first.stdout
  if (!first.stderr.includes('index.lock')) throw new GitError(`git ${args[0]}: ${causeIn(first.stderr)}`)
  const folder = (await gitOrThrow(cwd, ['rev-parse', '--git-dir'])).trim()
  const lock = join(resolve(cwd, folder), 'index.lock')
  if (existsSync(lock)) rmSync(lock)
  const second = await git(cwd, withSettings)
  if (!second.ok) throw new GitError(`git ${args[0]}: ${causeIn(second.stderr)}`)
  return second.stdout
}

function causeIn(stderr: string): string {
  const lines = stderr.trim().split('\n')
  // The last line often only says that it failed; the first error says why.
  const cause = lines.find(line => /^(error|fatal):/.test(line)) ?? lines.at(-1) ?? ''
  return oneLine(cause) || 'it failed without a message'
}
