import { lstatSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { someOf } from '../core/lost.ts'
import { oneLine, shellWord } from '../core/text.ts'
import { git } from './git.ts'
import { list } from './list.ts'

/**
 * An agent or a tool may have set `core.bare` or `core.worktree` since the run began: the lane worktrees go on, and in the
 * main checkout git refuses all work, or does it in another folder. The command that puts it right, and why; null: no need.
 */
export async function whyGitCannotWork(root: string): Promise<string | null> {
  const isBare = await git(root, ['rev-parse', '--is-bare-repository'])
  const here = `git -C ${shellWord(root)} config`
  if (isBare.stdout.trim() === 'true') {
    return `${here} core.bare false && sko resume   (core.bare was set, and git refuses to work in the main checkout)`
  }
  const top = await git(root, ['rev-parse', '--show-toplevel'])
  if (!top.ok || top.stdout === realpathSync(root)) return null
  // A submodule, and a checkout with its folder of git elsewhere, are named there.
  const isNamed = lstatSync(join(root, '.git')).isFile()
  const cure = isNamed ? `core.worktree ${shellWord(root)}` : '--unset-all core.worktree'
  return `${here} ${cure} && sko resume   (core.worktree was set, and git works in ${top.stdout} instead of the main checkout)`
}

/** What the host and sko keep there changes all the time, and the host knows. */
const theirs = ['kitty-specs', '.kittify', '.worktrees'].map(folder => `:(top,exclude)${folder}`)

/** Nothing in it that git takes for a pattern, or that breaks a line. */
const plainName = /^[^\p{Cc}*?[\]\\:]+$/u

/** So many files are named one by one in a command. */
const mostNamed = 20

/**
 * Measured: with a changed file there that is in git, the host merges the lanes into the mission branch, then refuses, and
 * each further try leaves one more merge commit. New files disturb it only where the merge would overwrite them, or has
 * the folder that they are in: those the host names.
 */
export async function whatIsChanged(root: string): Promise<string | null> {
  const all = [':(top)', ...theirs]
  const args = ['status', '--porcelain', '-z', '--untracked-files=no', '--no-renames', '--', ...all]
  const lines = await list(root, args, {})
  if (lines.length === 0) return null
  const files = lines.map(line => Buffer.from(line.slice(3), 'latin1').toString('utf8'))
  const names = oneLine(someOf(files))
  if (lines.some(line => /^(?:U.|.U|AA|DD) /.test(line))) {
    return `settle the conflict in ${root}, then: sko resume   (in ${names}, and the host does not merge before)`
  }
  const paths = files.length > mostNamed || !files.every(file => plainName.test(file)) ? all : files
  const stash = `git -C ${shellWord(root)} stash push --quiet -- ${paths.map(shellWord).join(' ')}`
  return `${stash} && sko resume   (changed there and not committed: ${names}; the host does not merge before. git stash pop brings it back)`
}
