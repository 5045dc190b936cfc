import { basename, dirname } from 'node:path'
import type { GraphCommit } from '../../core/judgement/coverage.ts'
import type { Commits } from '../../run/finish/commits.ts'
import { asValue } from '../as-value.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { shownPath, treeChanges } from '../kept/tree-changes.ts'
import { list } from '../list.ts'
import { resolveAll } from '../resolve-all.ts'
import { mergeDifference, type Place, squashDifference } from './merges.ts'
import { remembered } from './remembered.ts'
import { withoutReplaceRefs } from './trees.ts'

/** The `commits` port: reads the history of one repository. `runsDrivers`: merges as the repository is configured to. */
export function createCommits(
  repoRoot: string,
  { changes = remembered(treeChanges), runsDrivers = true }: Partial<Pick<Place, 'changes' | 'runsDrivers'>> = {},
): Commits {
  const parents = new Map<string, readonly string[]>()
  const place: Place = { repoRoot, changes, parents, runsDrivers }
  return {
    resolve: name => resolve(repoRoot, name),
    resolveAll: asValue(names =>
      resolveAll(
        repoRoot,
        names.map(name => `${name}^{commit}`),
        withoutReplaceRefs,
      ),
    ),
    graph: asValue(async (tips, not) => {
      const found = await graph(repoRoot, tips, not)
      for (const at of found) parents.set(at.commit, at.parents)
      return found
    }),
    existing: asValue(commits => existing(repoRoot, commits)),
    changedFiles: asValue(commits => changedFiles(repoRoot, commits)),
    mergeDifference: asValue((merge, isHostFile) => mergeDifference(place, merge, isHostFile)),
    squashDifference: asValue((made, isHostFile) => squashDifference(place, made, isHostFile)),
    isAncestor: async (commit, of) =>
      (await git(repoRoot, ['merge-base', '--is-ancestor', '--end-of-options', commit, of], withoutReplaceRefs)).ok,
    committed: async file => {
      const shown = await git(dirname(file), ['cat-file', 'blob', `HEAD:./${basename(file)}`], withoutReplaceRefs)
      return shown.ok ? shown.stdout : null
    },
    remoteOf: branch => remoteOf(repoRoot, branch),
    onRemote: async (remote, branch) => {
      const listed = await git(repoRoot, ['ls-remote', '--', remote, `refs/heads/${branch}`], { timeoutSeconds: 60 })
      return listed.ok ? (/^[\da-f]{40,64}/.exec(listed.stdout)?.[0] ?? null) : null
    },
  }
}

async function resolve(repoRoot: string, name: string): Promise<string | null> {
  const found = await git(
    repoRoot,
    ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    withoutReplaceRefs,
  )
  // Older versions also print the option that ends the options.
  return found.ok ? (found.stdout.trim().split('\n').at(-1) ?? null) : null
}

/** More names than a command line holds. */
function lines(names: Iterable<string>): Uint8Array {
  return Buffer.from([...names].map(name => `${name}\n`).join(''))
}

/** The commits that git still has. If a branch is deleted, its commits may be too. */
async function existing(repoRoot: string, commits: readonly string[]): Promise<readonly string[]> {
  if (commits.length === 0) return []
  const args = ['rev-list', '--no-walk=unsorted', '--ignore-missing', '--stdin']
  return (await gitOrThrow(repoRoot, args, { ...withoutReplaceRefs, stdin: lines(new Set(commits)) }))
    .split('\n')
    .filter(Boolean)
}

async function graph(repoRoot: string, tips: readonly string[], not: readonly string[]) {
  const isId = (commit: string) => /^[0-9a-f]{40,64}$/.test(commit)
  const ends = [...tips.filter(isId), ...not.filter(isId).map(commit => `^${commit}`)]
  const args = ['rev-list', '--parents', '--topo-order', '--ignore-missing', '--stdin']
  const found = await gitOrThrow(repoRoot, args, { ...withoutReplaceRefs, stdin: lines(new Set(ends)) })
  return found
    .split('\n')
    .filter(Boolean)
    .map((line): GraphCommit => {
      const [commit = '', ...parents] = line.trim().split(' ')
      return { commit, parents }
    })
}

async function changedFiles(repoRoot: string, commits: readonly string[]) {
  // A commit may tell git to ignore its submodules.
  const how = ['-r', '--root', '--no-renames', '--ignore-submodules=none']
  const args = ['diff-tree', '--stdin', '-z', '--raw', '--always', ...how]
  const fields = await list(repoRoot, args, { ...withoutReplaceRefs, stdin: lines(commits) })
  const found = new Map<string, string[]>()
  let paths: string[] = []
  // Of each commit its id, then for each of its files a field that begins with a colon, and the path. A path may look like either.
  for (let n = 0; n < fields.length; n += 1) {
    const field = fields[n] ?? ''
    if (field.startsWith(':')) {
      n += 1
      paths.push(shownPath(fields[n] ?? ''))
    } else {
      paths = []
      found.set(field, paths)
    }
  }
  // git passes over what is not a commit.
  const missing = commits.find(commit => !found.has(commit))
  if (missing !== undefined) throw new GitError(`git diff-tree: there is no commit ${missing}`)
  return found
}

/** The remote that the branch is pushed to; null: none is configured. */
async function remoteOf(repoRoot: string, branch: string): Promise<string | null> {
  for (const key of [`branch.${branch}.pushRemote`, 'remote.pushDefault', `branch.${branch}.remote`]) {
    const value = await git(repoRoot, ['config', '--get', key])
    if (value.ok && value.stdout.trim() !== '.') return value.stdout.trim()
  }
  const remotes = (await git(repoRoot, ['remote'])).stdout.split('\n').filter(Boolean)
  return remotes.includes('origin') ? 'origin' : (remotes[0] ?? null)
}
