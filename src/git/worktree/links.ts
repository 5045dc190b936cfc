import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { oneLine, shellWord } from '../../core/text.ts'
import type { TreeChange } from '../../core/work-package/lost.ts'
import type { DanglingLink } from '../../run/git/workspace.ts'
import { causeIn, git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { withoutFilters } from '../list.ts'
import { nestedAt } from './nested.ts'
import { look } from './on-disk.ts'
import { unbornRepositories } from './unborn.ts'

const noSubmodule =
  'is a separate git repository, so only a link to it is committed and none of its files; no submodule is configured for it'

const noCommit = 'is a separate git repository without a commit, so git commits none of its files'

/**
 * Links to other repositories among the changes up to `head` whose content a merge would not bring along: to no
 * configured submodule, to a commit that no remote of the submodule is known to have, or with uncommitted changes in
 * the submodule.
 */
export async function danglingLinks(
  worktree: string,
  changes: readonly TreeChange[],
  head: string,
): Promise<readonly DanglingLink[]> {
  const dangling: DanglingLink[] = []
  for (const { path, after } of changes.filter(({ mode }) => mode === '160000')) {
    const trouble = await whyDangling(worktree, path, after, head)
    if (trouble !== null) dangling.push({ path: shown(path), ...trouble })
  }
  return dangling
}

/** Repositories without a commit, which git does not link at all. */
export async function unbornLinks(worktree: string): Promise<readonly DanglingLink[]> {
  const unborn = await unbornRepositories(worktree)
  return unborn.map(path => ({ path: shown(path), why: noCommit, cure: cureOf(worktree, path) }))
}

function shown(path: string): string {
  return oneLine(Buffer.from(path, 'latin1').toString())
}

/**
 * The command after which the files are committed and a useless link is removed. null: the name is not text, so no
 * command can contain it.
 */
function cureOf(worktree: string, path: string): string | null {
  const name = Buffer.from(path, 'latin1').toString()
  if (Buffer.from(name).toString('latin1') !== path || /\p{Cc}/u.test(name)) return null
  return look(worktree, `${path}/.git`) === undefined
    ? `git -C ${shellWord(worktree)} rm --cached --quiet -- ${shellWord(`:(literal)${name}`)}`
    : `rm -rf ${shellWord(join(worktree, name, '.git'))}`
}

interface SubmodulePlace {
  readonly cwd: string
  readonly repository: { readonly gitDir: string; readonly worktree: string }
  readonly checkedOut: boolean
}

interface Trouble {
  readonly why: string
  readonly cure: string | null
}

async function whyDangling(worktree: string, path: string, commit: string, head: string): Promise<Trouble | null> {
  const name = await submoduleAt(worktree, path, head)
  if (name === null) return { why: noSubmodule, cure: cureOf(worktree, path) }
  const place = await placeOf(worktree, path, name)
  if (place === null) {
    return { why: `links to ${commit}, and it is not known whether its remote has that commit`, cure: null }
  }
  const holders = await git(
    place.cwd,
    ['for-each-ref', '--count=1', '--contains', commit, 'refs/remotes', 'refs/tags'],
    {
      repository: place.repository,
    },
  )
  if (!holders.ok || holders.stdout === '') {
    const why = `links to ${commit}, which no remote of the submodule has: push it there`
    return { why, cure: await pushOf(place, commit) }
  }
  if (!place.checkedOut) return null
  const settings = await withoutFilters(place.cwd)
  const status = ['status', '--porcelain', '--untracked-files=no', '--ignore-submodules=dirty']
  const changed = await git(place.cwd, status, { repository: place.repository, settings })
  if (!changed.ok) throw new GitError(`git -C ${place.cwd} status: ${causeIn(changed.stderr)}`)
  if (changed.stdout === '') return null
  return { why: 'has changes inside that are in no commit of the submodule: commit and push them there', cure: null }
}

/** To a branch of its own, which no remote refuses as not a fast-forward. null: it has no remote, or git lacks the commit. */
async function pushOf({ cwd, repository }: Omit<SubmodulePlace, 'checkedOut'>, commit: string): Promise<string | null> {
  const known = await git(cwd, ['cat-file', '-e', `${commit}^{commit}`], { repository })
  const listed = await git(cwd, ['remote'], { repository })
  const remotes = listed.ok ? listed.stdout.split('\n').filter(Boolean) : []
  const remote = remotes.find(name => name === 'origin') ?? remotes[0]
  if (!known.ok || remote === undefined || /[\p{Cc}\uFFFD]/u.test(repository.gitDir)) return null
  const branch = `refs/heads/sko-${commit.slice(0, 10)}`
  return `git --git-dir ${shellWord(repository.gitDir)} push --quiet ${shellWord(remote)} ${commit}:${branch}`
}

/** The submodule's name in `.gitmodules` of that commit. */
async function submoduleAt(worktree: string, path: string, head: string): Promise<string | null> {
  const args = ['config', '--null', '--blob', `${head}:.gitmodules`, '--get-regexp', '^submodule\\..*\\.(path|url)$']
  const settings = await git(worktree, args, { encoding: 'latin1' })
  const pairs = settings.stdout.split('\0').flatMap(pair => {
    const [, name = '', key = '', value = ''] = /^submodule\.([\s\S]*)\.(path|url)\n([\s\S]*)$/.exec(pair) ?? []
    return name ? [{ name, key, value }] : []
  })
  const found = pairs.find(({ key, value }) => key === 'path' && value.replace(/\/+$/, '') === path)
  return found && pairs.some(({ name, key, value }) => name === found.name && key === 'url' && value)
    ? found.name
    : null
}

/** Where a submodule's commits are: in its checkout, or where git keeps those of other worktrees. */
async function placeOf(worktree: string, path: string, name: string): Promise<SubmodulePlace | null> {
  if (look(worktree, `${path}/.git`) !== undefined) return { ...nestedAt(worktree, path), checkedOut: true }
  const common = await git(worktree, ['rev-parse', '--git-common-dir'])
  const modules = resolve(worktree, common.stdout.trim(), 'modules')
  const gitDir = join(modules, name)
  if (!common.ok || !gitDir.startsWith(`${modules}/`) || !existsSync(gitDir)) return null
  return { cwd: worktree, repository: { gitDir, worktree }, checkedOut: false }
}
