import { delimiter, dirname, resolve } from 'node:path'
import { longestArgument } from '../core/argument.ts'
import { isWpId } from '../core/ids.ts'
import { lanes } from '../core/mission/lane.ts'
import { cureOf } from '../core/repository/git-trouble.ts'
import {
  injectedSettings,
  type Setting,
  variablesFor,
  withoutGitRedirections,
} from '../process/inherited-environment.ts'
import { type HostFailure, hostFailure } from '../run/host/host-outcome.ts'
import type { HostInput } from '../run/host/input.ts'
import { redactedLine, redactedQuote } from './answer/text.ts'

/** Why the call must not be made, or null. */
export function inputProblem(input: HostInput, mutates: boolean): string | null {
  const { mission, wpId, to, target, subtasks } = input
  if (mission !== undefined) {
    // If empty or with `..`, the host throws. With a separator it would leave kitty-specs.
    if (!/^[A-Za-z0-9][\w.-]*$/.test(mission) || mission.includes('..')) {
      return `${redactedQuote(mission)} is not a mission slug`
    }
    // With a ULID, start-implementation made a stray branch and worktree of that name.
    if (mutates && /^(?:[0-9A-HJKMNP-TV-Z]{8}|[0-9A-HJKMNP-TV-Z]{26})$/.test(mission)) {
      return `${redactedQuote(mission)} is a mission id; writes take the full slug that mission-state answers`
    }
  }
  if (wpId !== undefined && !isWpId(wpId)) return `${redactedQuote(wpId)} is not a work package id (WP01, WP02, …)`
  if (to !== undefined && !lanes.some(lane => lane === to))
    return `${redactedQuote(to)} is not a lane (${lanes.join(', ')})`
  if (target !== undefined && !/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u.test(target))
    return `${redactedQuote(target)} is not a branch name`
  if (subtasks !== undefined) {
    if (subtasks.length === 0) return 'no subtask to mark'
    const wrong = subtasks.find(id => !/^T\d{3,}$/.test(id))
    if (wrong !== undefined) return `${redactedQuote(wrong)} is not a subtask id (T001, T002, …)`
  }
  return null
}

/** Why these arguments cannot be given to a process, or null. */
export function argumentsProblem(args: readonly string[]): string | null {
  for (const [index, arg] of args.entries()) {
    const name =
      index === 0 ? 'the first argument' : `the argument after ${redactedLine((args[index - 1] ?? '').slice(0, 80))}`
    if (arg.includes('\0')) return `${name} contains a NUL character`
    const bytes = Buffer.byteLength(arg)
    if (bytes > longestArgument) return `${name} is ${bytes} bytes long; the limit is ${longestArgument}`
  }
  return null
}

/**
 * The environment of a host call.
 * - git runs `spec-kitty merge-driver-*`, so the command's own folder comes first on PATH.
 * - Without UTF-8 the host exits with 0, but does not refresh status.json after a non-ASCII note.
 * - SPECIFY_REPO_ROOT would override the working directory.
 * - COLUMNS: the last line of a traceback is wrapped at this width.
 * - Git settings with which the host fails are overridden, in its calls alone.
 */
export function hostEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  command: string,
  cwd: string,
): Readonly<Record<string, string>> {
  const removed = new Set(['SPECIFY_REPO_ROOT', 'PYTHONIOENCODING'])
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(withoutGitRedirections(inherited))) {
    if (value !== undefined && !removed.has(name)) env[name] = value
  }
  if (command.includes('/')) {
    env.PATH = [dirname(resolve(cwd, command)), env.PATH].filter(part => part !== undefined).join(delimiter)
  }
  const settings = [...injectedSettings(inherited), ...hostSettings]
  return {
    ...env,
    ...Object.fromEntries(variablesFor(settings)),
    LC_ALL: isUtf8(env.LC_ALL) ? env.LC_ALL : 'C.UTF-8',
    PYTHONUTF8: '1',
    COLUMNS: '1000',
    SPEC_KITTY_NO_UPGRADE_CHECK: '1',
    SPEC_KITTY_ENABLE_SAAS_SYNC: '0',
  }
}

/** Each was measured to make the host fail. */
const hostSettings: readonly Setting[] = [
  // It reads the output of `git log` as UTF-8: its merge fails with another encoding.
  ['i18n.logOutputEncoding', 'UTF-8'],
  // It writes LF: where attributes ask for CRLF, git refuses each of its commits.
  ['core.safecrlf', 'false'],
]

function isUtf8(locale: string | undefined): locale is string {
  return locale !== undefined && /utf-?8/i.test(locale)
}

/** The meaning of an exit without any JSON on stdout. */
export function withoutEnvelope(call: string, exitCode: number, stdout: string, stderr: string): HostFailure {
  const silent = !/\S/.test(stdout)
  if (silent && exitCode === 4) {
    return hostFailure('project-outdated', 'The project needs migrations of the host: run `spec-kitty upgrade`')
  }
  if (silent && exitCode === 5) {
    return hostFailure(
      'host-outdated',
      'The project was made by a newer host: run `pip install --upgrade spec-kitty-cli`',
    )
  }
  if (exitCode !== 0 && stderr.includes('Traceback (most recent call last)')) {
    const words = redactedLine(lastWordsOfTraceback(stderr))
    if (words.includes('PROTECTED_BRANCH_REFUSED')) return branchProtected(call, words)
    return hostFailure('host-defect', `${call} failed inside the host: ${words}${cureOf(stderr) || cureOfLock(words)}`)
  }
  const printed = silent ? `nothing on stdout, on stderr ${redactedQuote(stderr)}` : redactedQuote(stdout)
  return hostFailure('host-garbage', `${call} exited ${exitCode} without an answer and printed ${printed}`)
}

/** Measured: in lanes topology the host records lanes on the target branch, and protects the default branch of `origin`. */
function branchProtected(call: string, words: string): HostFailure {
  const [, branch] = /destination ref '(.+?)'/.exec(words) ?? []
  const where = branch ?? 'the target branch'
  return hostFailure(
    'branch-protected',
    `${call}: the host does not record lanes on ${where}, a branch that it protects`,
  )
}

/** The host explains how to fix a wrong branch, but not a git lock in the main checkout (measured). */
function cureOfLock(words: string): string {
  const checkout = /failed to stage requested files in (.+?): \[/.exec(words)?.[1]
  if (checkout === undefined) return ''
  return `; another git may be running there; if none is, remove the lock it left: rm -f '${checkout}/.git/index.lock'`
}

/**
 * `BookkeepingCommitFailed: safe_commit failed …`: the text after the last frame of a traceback, whether Python's own
 * (indented) or rich's (in a box). Rich wraps it at the terminal's width: at a space, which stays on the line, or
 * inside a word.
 */
export function lastWordsOfTraceback(stderr: string): string {
  const lines = stderr.split('\n')
  const frame = lines.findLastIndex(line => /^(?:\s+\S|Traceback|.{0,12}[│╰╭])/u.test(line))
  const filled = (line: string) => /\S/.test(line)
  const words = lines.slice(frame + 1).filter(filled)
  if (words.length === 0) return lines.findLast(filled) ?? ''
  return words.reduce((text, line) => text + (/[\s/-]$/.test(text) ? '' : ' ') + line)
}
