import { lstatSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { someOf } from '../../core/format.ts'
import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { oneLine, shellWord } from '../../core/text.ts'
import { namingCommand, unbareCommand } from '../checkout-name.ts'
import { git } from '../git.ts'
import { shownPath } from '../kept/tree-changes.ts'
import { isHostsRecord, isPlainName, mostNamed } from './in-the-way.ts'
import { onlyFiltered } from './only-filtered.ts'
import { printedGit } from './printed-git.ts'

/**
 * An agent or a tool may have set `core.bare` or `core.worktree` since the run started. The lane worktrees still work,
 * but in the main checkout git refuses to work, or works in another folder. Returns the command that fixes it, with the
 * reason; null: not needed.
 */
export async function whyGitCannotWork(root: string): Promise<NextCommand | null> {
  // In a bare repository git answers the first question and fails on the second.
  const answer = await git(root, ['rev-parse', '--is-bare-repository', '--show-toplevel'])
  const [isBare = '', ...top] = answer.stdout.split('\n')
  if (isBare === 'true') {
    const unset = await unbareCommand(root)
    return andResume(unset, 'core.bare was set, and git refuses to work in the main checkout')
  }
  return answer.ok ? whyElsewhere(root, top.join('\n')) : null
}

/** Only the case in which git does harm. With `extensions.worktreeConfig` it does so in every worktree (measured). */
export async function whyGitIsElsewhere(root: string): Promise<NextCommand | null> {
  const answer = await git(root, ['rev-parse', '--show-toplevel'])
  return answer.ok ? whyElsewhere(root, answer.stdout) : null
}

async function whyElsewhere(root: string, top: string): Promise<NextCommand | null> {
  if (top === realpathSync(root)) return null
  // A submodule and a checkout with a separate git folder set it on purpose.
  const isNamed = lstatSync(join(root, '.git')).isFile()
  const cure = isNamed ? await namingCommand(root) : `git -C ${shellWord(root)} config --unset-all core.worktree`
  return andResume(cure, `core.worktree was set, and git works in ${top} instead of the main checkout`)
}

/** The host and sko change these folders all the time, and the host allows it. */
const theirs = ['kitty-specs', '.kittify', '.worktrees'].map(folder => `:(top,exclude)${folder}`)
const hostsRecords = ['meta.json', 'status.json', 'status.events.jsonl', 'acceptance-matrix.json', 'issue-matrix.md']

/**
 * With a changed tracked file there, the host merges the lanes into the mission branch and then refuses; every further
 * try adds another merge commit (measured). The host's own records do not count, but other files in `kitty-specs` do.
 * Files of the mission are committed, because they should stay. Others are stashed until after the merge.
 */
export async function whatIsChanged(root: string, status: readonly string[]): Promise<NextCommand | null> {
  const lines = status.filter(line => !/^(?:\?\?|!!) /.test(line))
  const changed = lines.map(line => ({ state: line.slice(0, 2), path: line.slice(3), file: shownPath(line.slice(3)) }))
  const files = changed.filter(({ file }) => !isHostsRecord(file))
  if (files.length === 0) return null
  const conflicts = files.filter(({ state }) => /^(?:U.|.U|AA|DD)$/.test(state))
  if (conflicts.length > 0) {
    const names = oneLine(someOf(conflicts.map(({ file }) => file)))
    const why = `resolve the conflict in ${root} first, in ${names}; the host does not merge until then`
    return { command: resume, why }
  }
  const filtered = await onlyFiltered(
    root,
    files.filter(({ state }) => state === ' M').map(({ path }) => path),
  )
  if (filtered.length > 0) return storeAgain(root, filtered.map(shownPath))
  const names = files.map(({ file }) => file)
  const projects = names.filter(file => !file.startsWith('kitty-specs/'))
  return projects.length > 0 ? putAway(root, projects) : commitMission(root, names)
}

async function storeAgain(root: string, files: readonly string[]): Promise<NextCommand> {
  const here = await printedGit(root)
  const paths = words(files, [':(top)', ...theirs])
  const commit = `${here} add --renormalize -- ${paths} && ${here} commit --quiet -m 'Store files as git filters them' -- ${paths}`
  const what = `git's filters or line endings would store these in another form, which no stash puts away: ${oneLine(someOf(files))}`
  return andResume(commit, `${what}; the host does not merge until then`)
}

function putAway(root: string, files: readonly string[]): NextCommand {
  const stash = `git -C ${shellWord(root)} stash push --quiet -- ${words(files, [':(top)', ...theirs])}`
  const what = `uncommitted changes: ${oneLine(someOf(files))}`
  return andResume(stash, `${what}; the host does not merge until then. git stash pop brings it back`)
}

async function commitMission(root: string, files: readonly string[]): Promise<NextCommand> {
  const all = [':(top)kitty-specs', ...hostsRecords.map(name => `:(top,exclude,glob)kitty-specs/*/${name}`)]
  const commit = `${await printedGit(root)} commit --quiet -m 'Edit the mission' -- ${words(files, all)}`
  return andResume(commit, `uncommitted changes: ${oneLine(someOf(files))}; the host does not merge until then`)
}

function words(files: readonly string[], all: readonly string[]): string {
  const paths = files.length > mostNamed || !files.every(isPlainName) ? all : files
  return paths.map(shellWord).join(' ')
}
