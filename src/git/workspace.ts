import { existsSync, statSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { gitTrouble } from '../core/git-trouble.ts'
import type { TreeAt } from '../core/own-work.ts'
import { oneLine, shellWord } from '../core/text.ts'
import { OrchestratorError } from '../errors.ts'
import { setAside } from '../process/set-aside.ts'
import type { DiffText, Workspace, WorktreeState } from '../run/ports.ts'
import { unwritable } from '../state/durable-write.ts'
import { readRegular } from '../state/read-regular.ts'
import { causeIn, GitError, git, gitOrThrow } from './git.ts'
import { gitWrite } from './git-write.ts'
import { isHalfMade } from './half-made.ts'
import { insideRepository, linkedLanes, worktreeInside } from './inside.ts'
import { gitIsGone } from './locks.ts'

const diffStatLines = 100

/** Whatever the user's `log.*` settings add. */
const plain = ['--no-color', '--no-decorate', '--no-show-signature', '--no-notes']

/** The `workspace` port: git in the lane worktrees of one repository. */
export function createWorkspace(repoRoot: string): Workspace {
  const lanes = linkedLanes(repoRoot)
  const checked = (path: string) => worktreeInside(repoRoot, path, lanes)
  return {
    inspect: async worktree => inspect(checked(worktree)),
    commitAll: async (worktree, message) => commitAll(checked(worktree), message),
    diffStat: async (worktree, base, head) => {
      const stat = await gitOrThrow(checked(worktree), ['diff', '--stat=100', '--no-color', base, head])
      const lines = stat.trimEnd().split('\n')
      return lines.length <= diffStatLines
        ? lines.join('\n')
        : [...lines.slice(0, diffStatLines), '…', lines.at(-1)].join('\n')
    },
    log: async (worktree, base, head) =>
      (await gitOrThrow(checked(worktree), ['log', ...plain, '--oneline', '-n50', `${base}..${head}`])).trimEnd(),
    changedFiles: async (worktree, base, head) =>
      (await gitOrThrow(checked(worktree), ['diff', '--name-only', '-z', '--no-renames', base, head]))
        .split('\0')
        .filter(Boolean),
    history: async (worktree, base) => history(checked(worktree), base),
    diff: async (worktree, base, head, maxCharacters) => diff(checked(worktree), base, head, maxCharacters),
    ownCommitsSince: async (worktree, commits) => ownCommitsSince(checked(worktree), commits),
    returnToBranch: async (worktree, branch) => returnToBranch(checked(worktree), branch),
    isAncestor: async (worktree, commit, of) =>
      (await git(checked(worktree), ['merge-base', '--is-ancestor', '--end-of-options', commit, of])).ok,
    mergeBase: async (worktree, ref) => {
      const result = await git(checked(worktree), ['merge-base', 'HEAD', '--end-of-options', ref])
      return result.ok ? result.stdout.trim() : null
    },
    restore: async (worktree, at, patchFile) => restore(checked(worktree), at, patchFile),
    removeHalfMade: async (worktree, baseRef) => {
      const path = checked(worktree)
      // A host call that was killed leaves its git at work, which may yet make a whole of it.
      if (!existsSync(path) || !(await gitIsGone(path)) || !(await isHalfMade(path, baseRef))) return false
      const removed = await git(repoRoot, ['worktree', 'remove', '--force', '--', path])
      return removed.ok
    },
    readPrompt: async path => {
      try {
        return readRegular(insideRepository(repoRoot, path, lanes))
      } catch (error) {
        if (error instanceof OrchestratorError) throw error
        throw new GitError(`its file ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`)
      }
    },
  }
}

async function inspect(worktree: string): Promise<WorktreeState> {
  // A folder without its own .git would answer for the main checkout around it.
  if (!existsSync(`${worktree}/.git`) || !statSync(worktree).isDirectory()) return { kind: 'missing' }
  const status = await git(worktree, statusArgs)
  const lines = status.stdout.split('\n').filter(Boolean)
  const header = (name: string) => lines.find(line => line.startsWith(`# branch.${name} `))?.split(' ')[2]
  const head = header('oid')
  if (!status.ok || head === undefined || head === '(initial)') throw await unworkable(worktree, status.stderr)
  const branch = header('head')
  return {
    kind: 'ready',
    head,
    dirty: lines.some(line => !line.startsWith('# ')),
    branch: branch === undefined || branch === '(detached)' ? null : branch,
  }
}

/** HEAD, branch and tree as of one moment, and in one process: this is asked some ten times for each WP. */
const statusArgs = ['status', '--porcelain=v2', '--branch', '--no-ahead-behind', '--untracked-files=normal']

async function unworkable(worktree: string, stderr: string): Promise<GitError> {
  const head = await git(worktree, ['rev-parse', '--verify', '--quiet', 'HEAD'])
  return head.ok ? new GitError(`git status: ${causeIn(stderr)}`) : headless(worktree, head.stderr)
}

/** Neither gone nor workable: a branch without a commit, a HEAD cut off by a power failure, a repository that forgot it. */
function headless(worktree: string, stderr: string): GitError {
  const trouble = gitTrouble(stderr)
  if (trouble) return new GitError(`${worktree}: ${trouble.cause}; ${trouble.cure}`)
  const words = stderr.split('\n').find(line => line.startsWith('fatal:'))
  if (words) {
    const cure = 'git worktree repair; if that does not help, move the folder away, and it is made anew'
    return new GitError(`${worktree}: ${oneLine(words)}; in the repository: ${cure}`)
  }
  const cure = `git -C ${shellWord(worktree)} symbolic-ref HEAD refs/heads/<its lane branch>`
  return new GitError(`HEAD of ${worktree} names no commit; this puts it back and touches no file: ${cure}`)
}

async function commitAll(worktree: string, message: string): Promise<string> {
  const state = await inspect(worktree)
  if (state.kind === 'missing') throw new GitError(`there is no worktree at ${worktree}`)
  const merging = await git(worktree, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD'])
  if (!state.dirty && !merging.ok) return state.head
  await gitWrite(worktree, ['add', '--all'])
  const staged = await git(worktree, ['diff', '--cached', '--quiet'])
  if (!staged.ok || merging.ok) await gitWrite(worktree, ['commit', '--quiet', '--no-verify', '--message', message])
  return (await gitOrThrow(worktree, ['rev-parse', 'HEAD'])).trim()
}

/** Neither a pager's colours nor a program that the repository's configuration names. */
async function diff(worktree: string, base: string, head: string, maxCharacters: number): Promise<DiffText> {
  const result = await git(worktree, ['diff', '--no-color', '--no-ext-diff', '--no-textconv', base, head], {
    maxCharacters,
  })
  if (!result.ok && !result.cut) throw new GitError(`git diff: ${result.stderr}`)
  return {
    text: result.cut ? result.stdout.slice(0, result.stdout.lastIndexOf('\n')) : result.stdout,
    cut: result.cut,
  }
}

/** A lane that was set back behind `base` ends with where it is now all the same. */
async function history(worktree: string, base: string): Promise<readonly TreeAt[]> {
  const beyond = await treesAt(worktree, ['--first-parent', '--reverse'], [`${base}..HEAD`])
  const ends = beyond.length > 0 ? [base] : [base, 'HEAD']
  const [first, last] = await treesAt(worktree, ['--no-walk=unsorted'], ends)
  if (!first) throw new GitError(`git log: there is no commit ${base}`)
  return [first, ...beyond, ...(last && last.commit !== first.commit ? [last] : [])]
}

async function treesAt(
  worktree: string,
  options: readonly string[],
  commits: readonly string[],
): Promise<readonly TreeAt[]> {
  const format = [...plain, '--format=%H %T %P', ...options, '--end-of-options']
  const lines = await gitOrThrow(worktree, ['log', ...format, ...commits])
  return lines
    .split('\n')
    .filter(Boolean)
    .map(line => {
      const [commit = '', tree = '', ...parents] = line.trim().split(' ')
      return { commit, tree, merge: parents.length > 1 }
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
  const forward = await git(worktree, ['merge-base', '--is-ancestor', `refs/heads/${branch}`, 'HEAD'])
  if (forward.ok) await gitWrite(worktree, ['checkout', '--quiet', '-B', branch, 'HEAD'])
  else await gitWrite(worktree, ['checkout', '--quiet', branch, '--'])
  return forward.ok
}

/** One that was left half-way: whoever found and aborted it would take the branch back to where it began. */
async function quitRebase(worktree: string): Promise<void> {
  await git(worktree, ['rebase', '--quit'])
}

/** Throws `state-unwritable`, with the path, and a GitError that names it too. */
async function keepDifference(worktree: string, head: string, patchFile: string): Promise<void> {
  const patch = await openNew(patchFile)
  try {
    await gitOrThrow(worktree, ['diff', '--cached', '--binary', head], { stdout: patch.createWriteStream() })
  } catch (error) {
    throw error instanceof GitError ? new GitError(`${error.message} (into ${patchFile})`) : error
  } finally {
    await patch.close()
  }
}

async function openNew(path: string): Promise<FileHandle> {
  try {
    setAside(path)
    return await open(path, 'wx', 0o600)
  } catch (error) {
    throw unwritable(path, error)
  }
}

/** Everything between `at` and what is there now - commits, changes, new files - goes into the patch, then away. */
async function restore(
  worktree: string,
  at: { readonly head: string; readonly branch: string | null },
  patchFile: string,
): Promise<void> {
  // A repository in it without a commit cannot be added, the rest can.
  await gitWrite(worktree, ['add', '--all', '--ignore-errors']).catch(error => {
    if (!(error instanceof GitError)) throw error
  })
  await keepDifference(worktree, at.head, patchFile)
  const now = await inspect(worktree)
  if (now.kind === 'ready' && now.branch !== at.branch && at.branch) {
    await quitRebase(worktree)
    await gitWrite(worktree, ['checkout', '--quiet', '--force', '-B', at.branch, at.head, '--'])
  }
  await gitWrite(worktree, ['reset', '--quiet', '--hard', at.head])
  // The second --force is for repositories inside the worktree.
  await gitWrite(worktree, ['clean', '--quiet', '-d', '--force', '--force'])
}
