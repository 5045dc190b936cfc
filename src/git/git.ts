import type { Writable } from 'node:stream'
import { execa } from 'execa'
import { gitTrouble } from '../core/git-trouble.ts'
import { oneLine } from '../core/text.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'

export interface GitResult {
  readonly ok: boolean
  readonly stdout: string
  readonly stderr: string
  /** stdout was longer than `maxCharacters`: git was ended there. */
  readonly cut: boolean
}

interface GitOptions {
  /** Where stdout goes. */
  readonly stdout?: Writable
  readonly maxCharacters?: number
  readonly timeoutSeconds?: number
}

/** A checkout may fetch gigabytes through a filter; a named pipe called `.gitignore` keeps git for ever. */
const longestSeconds = 1800
const graceMs = 2000

/** Runs git in `cwd`; a failure is a value. */
export async function git(cwd: string, args: readonly string[], options: GitOptions = {}): Promise<GitResult> {
  const { timeoutSeconds = longestSeconds } = options
  const running = execa('git', [...args], {
    cwd,
    stdin: 'ignore',
    ...(options.stdout === undefined ? {} : { stdout: options.stdout }),
    ...(options.maxCharacters ? { maxBuffer: options.maxCharacters } : {}),
    reject: false,
    // Ctrl+C at the terminal reaches its whole foreground group: a commit that is being made is not cut off by it.
    detached: true,
    extendEnv: false,
    env: {
      ...withoutGitRedirections(process.env),
      GIT_TERMINAL_PROMPT: '0',
      GIT_OPTIONAL_LOCKS: '0',
      LC_ALL: 'C',
    },
  })
  const limits = [
    setTimeout(() => signalGroup(running.pid, 'SIGTERM'), timeoutSeconds * 1000),
    setTimeout(() => signalGroup(running.pid, 'SIGKILL'), timeoutSeconds * 1000 + graceMs),
  ]
  const startedAt = performance.now()
  const result = await running.finally(() => limits.forEach(clearTimeout))
  const late = result.failed && performance.now() - startedAt >= timeoutSeconds * 1000
  const stderr = late ? `no end within ${timeoutSeconds} s, so it was ended` : text(result.stderr)
  return {
    ok: !result.failed,
    stdout: text(result.stdout),
    stderr: stderr || (result.shortMessage ?? ''),
    cut: result.isMaxBuffer,
  }
}

/** With the filters that it has started, which would else hold our ends of its pipes. */
function signalGroup(group: number | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (group === undefined) return
  try {
    process.kill(-group, signal)
  } catch {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** For git calls whose failure is a defect of the worktree: the caller turns the error into a halt of the WP. */
export class GitError extends Error {}

export async function gitOrThrow(
  cwd: string,
  args: readonly string[],
  options: Pick<GitOptions, 'stdout'> = {},
): Promise<string> {
  const result = await git(cwd, args, options)
  if (!result.ok) throw new GitError(`git ${args.find(arg => /^[a-z]/.test(arg))}: ${causeIn(result.stderr)}`)
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
