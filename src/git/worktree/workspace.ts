import { existsSync } from 'node:fs'
import { shellWord } from '../../core/text.ts'
import type { CommitAt } from '../../core/work-package/made-by.ts'
import { OrchestratorError } from '../../errors.ts'
import { readRegular } from '../../files/read-regular.ts'
import { whyNoRoom } from '../../files/room.ts'
import type { Workspace } from '../../run/git/workspace.ts'
import { asValue } from '../as-value.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { changedLines } from '../history/changed-lines.ts'
import { history, plainLog } from '../history/first-parents.ts'
import { diff, diffWithHidden, hiddenChanges } from '../history/hidden-changes.ts'
import { lineCounts } from '../history/line-counts.ts'
import { remembered } from '../history/remembered.ts'
import { keep } from '../kept/kept.ts'
import { shownPath, treeChanges } from '../kept/tree-changes.ts'
import { commitAll } from './commit-all.ts'
import { isHalfMade } from './half-made.ts'
import { hiddenPaths, indexEntries } from './hidden.ts'
import { insideRepository, linkedLanes, refuseUnlinked, worktreeInside } from './inside.ts'
import { inspect } from './inspect.ts'
import { danglingLinks, unbornLinks } from './links.ts'
import { gitIsGone } from './locks.ts'
import { restore } from './restore.ts'

const diffStatLines = 100

/** The `workspace` port: git in the lane worktrees of one repository. `runId` names the folder of what it keeps. */
export function createWorkspace(repoRoot: string, runId = 'no-run', changes = remembered(treeChanges)): Workspace {
  const lanes = linkedLanes(repoRoot)
  const checked = (path: string) => worktreeInside(repoRoot, path, lanes)
  const histories = remembered(history)
  return {
    inspect: asValue(async worktree => {
      refuseUnlinked(repoRoot, checked(worktree))
      return inspect(worktree)
    }),
    commitAll: asValue(async (worktree, message, found) => commitAll(checked(worktree), message, found)),
    diffStat: asValue(async (worktree, base, head) => diffStat(checked(worktree), base, head)),
    log: asValue(async (worktree, base, head) =>
      (await gitOrThrow(checked(worktree), ['log', ...plainLog, '--oneline', '-n50', `${base}..${head}`])).trimEnd(),
    ),
    changes: asValue(async (worktree, base, head) =>
      (await changes(checked(worktree), base, head)).map(change => ({ ...change, path: shownPath(change.path) })),
    ),
    history: asValue(async (worktree, base, head = 'HEAD') => histories(checked(worktree), base, head)),
    hiddenChanges: asValue(async (worktree, base, head) =>
      hiddenChanges(worktree, await changes(checked(worktree), base, head)),
    ),
    diff: asValue(async (worktree, base, head, maxCharacters, only) => {
      const between = { base, head, changes: await changes(checked(worktree), base, head) }
      return diffWithHidden(worktree, { ...between, only: only === 'hidden' }, maxCharacters)
    }),
    lineCounts: asValue(async (worktree, commit, paths) => lineCounts(checked(worktree), commit, paths)),
    changedLines: asValue(async (worktree, base, head, paths) => changedLines(checked(worktree), base, head, paths)),
    bareDiff: asValue(async (worktree, base, head, files, maxCharacters) => {
      const place = checked(worktree)
      const names = files.map(name => `:(top,literal)${name}`)
      return diff(place, ['--unified=0', '--text', base, head, '--', ...names], maxCharacters)
    }),
    ownCommitsSince: asValue(async (worktree, commits) => ownCommitsSince(checked(worktree), commits)),
    returnToBranch: asValue(async (worktree, branch) => returnToBranch(checked(worktree), branch)),
    isAncestor: asValue(
      async (worktree, commit, of) =>
        (await git(checked(worktree), ['merge-base', '--is-ancestor', '--end-of-options', commit, of])).ok,
    ),
    mergeBase: asValue(async (worktree, ref) => {
      const result = await git(checked(worktree), ['merge-base', 'HEAD', '--end-of-options', ref])
      return result.ok ? result.stdout.trim() : null
    }),
    hiddenFiles: asValue(async worktree => hiddenPaths(checked(worktree), await indexEntries(checked(worktree)))),
    danglingLinks: asValue(async (worktree, base, head) =>
      danglingLinks(worktree, await changes(checked(worktree), base, head), head),
    ),
    unbornRepositories: asValue(async worktree => unbornLinks(checked(worktree))),
    keep: asValue(
      async (worktree, as) => (await keep({ ...as, worktree: checked(worktree), runId, proven: true })).ref,
    ),
    commitsSince: asValue(async (worktree, base) => commitsSince(checked(worktree), base)),
    restore: asValue(async (worktree, at, as) => restore(checked(worktree), at, as, runId)),
    removeHalfMade: asValue(async (worktree, baseRef) => removeHalfMade(repoRoot, checked(worktree), baseRef)),
    whyNoRoom: asValue(async worktree => whyNoRoom(checked(worktree))),
    readPrompt: asValue(async path => readPrompt(repoRoot, path, lanes)),
  }
}

async function diffStat(worktree: string, base: string, head: string): Promise<string> {
  const stat = await gitOrThrow(worktree, ['diff', '--stat=100', '--no-color', base, head])
  const lines = stat.trimEnd().split('\n')
  return lines.length <= diffStatLines
    ? lines.join('\n')
    : [...lines.slice(0, diffStatLines), '…', lines.at(-1)].join('\n')
}

async function removeHalfMade(repoRoot: string, worktree: string, baseRef: string | null): Promise<boolean> {
  // The git of a killed host call keeps running, and may still complete the worktree.
  if (!existsSync(worktree) || !(await gitIsGone(worktree)) || !(await isHalfMade(worktree, baseRef))) return false
  const removed = await git(repoRoot, ['worktree', 'remove', '--force', '--', worktree])
  return removed.ok
}

function readPrompt(repoRoot: string, path: string, lanes: string | null): Uint8Array {
  try {
    return readRegular(insideRepository(repoRoot, path, lanes))
  } catch (error) {
    if (error instanceof OrchestratorError) throw error
    throw new GitError(`its file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
  }
}

async function commitsSince(worktree: string, base: string): Promise<readonly CommitAt[] | null> {
  if (!(await git(worktree, ['merge-base', '--is-ancestor', base, 'HEAD'])).ok) return null
  const lines = await gitOrThrow(worktree, ['log', '--reverse', '--format=%H %ct', `${base}..HEAD`])
  return lines.split('\n').flatMap(line => {
    const [commit, seconds] = line.split(' ')
    return commit ? [{ commit, committedAt: Number(seconds) * 1000 }] : []
  })
}

async function ownCommitsSince(worktree: string, commits: readonly string[]): Promise<number> {
  const own = (await gitOrThrow(worktree, ['symbolic-ref', '--quiet', 'HEAD'])).trim()
  const refs = (await gitOrThrow(worktree, ['for-each-ref', '--format=%(refname)', 'refs/heads'])).split('\n')
  const others = refs.filter(ref => ref && ref !== own)
  const count = ['rev-list', '--count', '--no-merges', 'HEAD', '--not', ...commits, ...others]
  return Number(await gitOrThrow(worktree, count))
}

async function returnToBranch(worktree: string, branch: string): Promise<boolean> {
  await quitRebase(worktree)
  const known = await git(worktree, ['show-ref', '--verify', '--quiet', `refs/heads/${branch}`])
  // We do not make branches.
  if (!known.ok) throw new GitError(`its lane branch ${branch} is gone`, recreate(worktree, branch))
  const forward = await git(worktree, ['merge-base', '--is-ancestor', `refs/heads/${branch}`, 'HEAD'])
  if (forward.ok) await gitWrite(worktree, ['checkout', '--quiet', '-B', branch, 'HEAD'])
  else await gitWrite(worktree, ['checkout', '--quiet', branch, '--'])
  return forward.ok
}

/** Recreates the branch at the commit that is checked out. */
function recreate(worktree: string, branch: string): string {
  return `git -C ${shellWord(worktree)} switch -c ${shellWord(branch)}`
}

/** An unfinished rebase: aborting it would reset the branch to where it was before. */
async function quitRebase(worktree: string): Promise<void> {
  await git(worktree, ['rebase', '--quit'])
}
