import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { shellWord } from '../../core/text.ts'
import type { MergeWay } from '../../run/mission/main-checkout.ts'
import { namesAllWorktrees, namingCommand } from '../checkout-name.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitFolders } from '../git-folders.ts'
import { keep } from '../kept/kept.ts'
import { list } from '../list.ts'
import { whatIsInTheWay } from './in-the-way.ts'
import { whatIsChanged, whyGitCannotWork } from './main-trouble.ts'
import { ownPatterns, trackedFiles, untrackOwnFiles } from './own-files.ts'
import { printedGit } from './printed-git.ts'

export interface MergePlace {
  readonly root: string
  readonly mission: string
  readonly runId: string
  /** Called with the ref under which content is kept that the host would overwrite. */
  readonly onKept: (ref: string) => void
}

/**
 * What a person must do in the main checkout before the host can merge: a command and its reason. null: nothing. Only
 * the state of the host's files is checked, never their content.
 *
 * `status.events.jsonl` records the lanes. In legacy topology it is always uncommitted there, and the merge resets it:
 * every WP is then back in `planned` and no lane branch is left (measured). In coord topology the lanes are on the
 * coordination branch, and the file here holds lines of the planning. They are kept, and the merge then drops them.
 *
 * `status.json` is derived from it. In coord topology the merge adds it; if one is committed here, every merge except
 * `squash` ends in an add/add conflict (measured).
 */
export async function whyNotMerge(
  { root, mission, runId, onKept }: MergePlace,
  { coord, strategy, lanes }: MergeWay,
): Promise<NextCommand | null> {
  const unworkable = await whyGitCannotWork(root)
  if (unworkable) return unworkable
  const apart = await nameCheckout(root)
  if (apart)
    return andResume(apart, "the git folder is elsewhere, and the host's merge would take it for the main checkout")
  const refused = await whyGitFolderIsRefused(root)
  if (refused) return refused
  const snapshot = `kitty-specs/${mission}/status.json`
  const tracked = await trackedFiles(root, [...ownPatterns, snapshot])
  const ownFiles = await untrackOwnFiles(
    root,
    tracked.filter(path => path !== snapshot),
  )
  if (ownFiles) {
    return andResume(
      ownFiles,
      'state files of sko are committed; they keep changing, and the host then refuses to merge',
    )
  }
  if (coord && strategy === 'merge' && tracked.includes(snapshot)) {
    return andResume(untrack(root, snapshot), 'its status.json is committed, and the merge would add another')
  }
  const status = await list(root, statusArgs, {})
  const changed = await whatIsChanged(root, status)
  if (changed) return changed
  const inTheWay = await whatIsInTheWay(root, status, lanes)
  if (inTheWay) return inTheWay
  if (!(await hasUncommittedLanes(root, status, mission))) return null
  if (coord) return keepRecord({ root, mission, runId, onKept })
  const here = await printedGit(root)
  const file = eventsOf(mission)
  const commit = `${here} add -- ${file} && ${here} commit --quiet -m 'Record the mission' -- ${file}`
  return andResume(
    commit,
    "the lanes are recorded in this file, and the host's merge resets it while it is uncommitted",
  )
}

/**
 * With `--separate-git-dir`, git lists its own folder as the main checkout, and the host's merge fails there
 * (measured). It works if the settings name the checkout, as in a submodule. Returns the command that sets this; null:
 * not needed.
 */
export async function nameCheckout(root: string): Promise<string | null> {
  if (folderElsewhere(root) === null) return null
  const named = await git(root, ['config', '--get', 'core.worktree'])
  return named.ok && !(await namesAllWorktrees(root)) ? null : namingCommand(root)
}

/**
 * The host reads the state of every worktree that git lists, which here includes git's own folder (measured). With
 * `safe.bareRepository` set to `explicit`, git refuses there, and only the user's own configuration or the environment
 * can allow it.
 */
async function whyGitFolderIsRefused(root: string): Promise<NextCommand | null> {
  const folder = folderElsewhere(root)
  if (folder === null) return null
  const asked = await git(folder, ['rev-parse', '--git-dir'])
  if (asked.ok || !asked.stderr.includes('safe.bareRepository')) return null
  const allow = 'GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.bareRepository GIT_CONFIG_VALUE_0=all'
  return andResume(
    `export ${allow}`,
    "git keeps its folder elsewhere, the host's merge asks for its state there, and git refuses: safe.bareRepository is explicit",
  )
}

/** The git folder if the checkout's `.git` is a file that names it; null: it is in the checkout, or this is a worktree. */
function folderElsewhere(root: string): string | null {
  if (!lstatSync(join(root, '.git'), { throwIfNoEntry: false })?.isFile()) return null
  const { own, common } = gitFolders(root)
  return own === common ? own : null
}

/** The command that removes the host's snapshot from git. */
function untrack(root: string, file: string): string {
  const here = `git -C ${shellWord(root)}`
  return `${here} rm --cached --force --quiet -- ${file} && ${here} commit --quiet -m 'Stop tracking status.json'`
}

const statusArgs = ['status', '--porcelain', '-z', '--ignored', '--untracked-files=normal', '--no-renames']

async function hasUncommittedLanes(root: string, status: readonly string[], mission: string): Promise<boolean> {
  const file = eventsOf(mission)
  const entry = status.find(line => line.slice(3) === file)
  if (entry) return !entry.startsWith('!!')
  if (!status.some(line => line.endsWith('/') && file.startsWith(line.slice(3)))) return false
  // Its folder is untracked or ignored as a whole.
  const asked = await git(root, ['status', '--porcelain', '--untracked-files=normal', '--', file])
  return !asked.ok || asked.stdout.trim() !== ''
}

async function keepRecord({ root, runId, onKept }: MergePlace): Promise<NextCommand | null> {
  const why = 'lines of the planning that the merge drops'
  try {
    onKept((await keep({ worktree: root, runId, wpId: 'main', why, reason: 'merge', proven: false })).ref)
    return null
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    return {
      command: resume,
      why: `what the merge overwrites in the main checkout could not be kept: ${error.message}`,
    }
  }
}

function eventsOf(mission: string): string {
  return `kitty-specs/${mission}/status.events.jsonl`
}
