import type { Commits } from '../../../src/run/finish/commits.ts'
import type { GitOutcome } from '../../../src/run/git/git-outcome.ts'
import type { DanglingLink, Workspace, WorktreeState } from '../../../src/run/git/workspace.ts'
import type { Incarnation } from './incarnation.ts'

/** A lane worktree whose commits are names. Who made a commit, and who left the tree dirty, is remembered. */
export interface MemoryWorktree {
  readonly path: string
  readonly branch: string
  exists: boolean
  checkedOut: string | null
  commits: Commit[]
  dirtyBy: string | null
  /** The tree that a commit of what is dirty has; null: one that never was before. */
  dirtyTree: string | null
  /** Files whose changes git is set to ignore. */
  hidden: readonly string[]
  links: readonly DanglingLink[]
  /** Why nothing can be written to it. */
  full: string | null
}

export interface Commit {
  readonly id: string
  readonly by: string
  readonly tree: string
  /** Milliseconds, whole seconds as in git. */
  readonly at: number
}

/** Files of this folder, and those with the name of a WP, never exist; all others always do, with 100 lines. */
const isThere = (path: string) => !/^(?:nowhere\/|WP\d+$)/.test(path)

export interface MemoryGit {
  readonly worktrees: ReadonlyMap<string, MemoryWorktree>
  /** Files that the host named, by path. */
  readonly files: Map<string, string>
  /** Files that no commit changes, by path; every commit changes all others throughout. */
  readonly unchanged: Set<string>
  /** Patches that were written, by path. */
  readonly patches: Map<string, string>
  /** Work that went away with its worktree before it was a commit. */
  readonly lost: string[]
  allocate(path: string, branch: string): MemoryWorktree
  at(path: string): MemoryWorktree
  /** `tree`: its content; one that never was before unless said. */
  commit(worktree: MemoryWorktree, by: string, tree?: string | null): string
  /** Merges the lane branches into the target, as the host does, and removes them. */
  mergeLanes(): void
  /** A commit on the target. */
  commitOnTarget(): string
  workspace(life: Incarnation, millis: () => number): Workspace
  commits(life: Incarnation, millis: () => number): Commits
}

export function head(worktree: MemoryWorktree): string {
  return worktree.commits.at(-1)?.id ?? 'nothing'
}

/** What a port of git returns: `change` always succeeds. */
function answers<T>(life: Incarnation, ms: number, change: () => T): Promise<GitOutcome<T>> {
  return life.effect(ms, () => ({ ok: true, data: change() }))
}

export function createMemoryGit(now: () => number = () => 0): MemoryGit {
  const worktrees = new Map<string, MemoryWorktree>()
  const files = new Map<string, string>()
  const patches = new Map<string, string>()
  const unchanged = new Set<string>()
  /** Of every commit that was ever made, also of those on no branch any more. */
  const parents = new Map<string, readonly string[]>([['target', []]])
  /** Branches that a merge has removed. */
  const gone = new Set<string>()
  let target = 'target'
  let count = 0

  const commit: MemoryGit['commit'] = (worktree, by, tree) => {
    count += 1
    parents.set(`c${count}`, [head(worktree)])
    worktree.commits.push({ id: `c${count}`, by, tree: tree ?? `t${count}`, at: Math.floor(now() / 1000) * 1000 })
    worktree.dirtyBy = null
    worktree.dirtyTree = null
    return head(worktree)
  }
  const at = (path: string): MemoryWorktree => {
    const found = worktrees.get(path)
    if (!found) throw new Error(`no worktree was ever made at ${path}`)
    return found
  }
  const inspect = (path: string): WorktreeState => {
    const found = worktrees.get(path)
    if (!found?.exists) return { kind: 'missing' }
    return { kind: 'ready', head: head(found), dirty: found.dirtyBy !== null, branch: found.checkedOut }
  }

  const before = (tips: readonly string[]): ReadonlySet<string> => {
    const found = new Set<string>()
    const open = [...tips]
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (found.has(at) || !parents.has(at)) continue
      found.add(at)
      open.push(...(parents.get(at) ?? []))
    }
    return found
  }
  const onTarget = (more: readonly string[]): string => {
    const made = `target-${parents.size}`
    parents.set(made, [target, ...more])
    target = made
    return made
  }
  const resolve = (name: string): string | null => {
    if (name === 'HEAD' || name === 'refs/heads/work') return target
    if (parents.has(name)) return name
    const found = [...worktrees.values()].find(({ branch }) => name === `refs/heads/${branch}`)
    return found && !gone.has(found.branch) ? head(found) : null
  }

  return {
    worktrees,
    files,
    patches,
    unchanged,
    lost: [],
    at,
    commit,
    allocate(path, branch) {
      const known = worktrees.get(path)
      if (known) {
        known.exists = true
        gone.delete(branch)
        return known
      }
      parents.set(`base-of-${branch}`, ['target'])
      const commits = [{ id: `base-of-${branch}`, by: 'host', tree: `tree-of-${branch}`, at: 0 }]
      const made: MemoryWorktree = {
        path,
        branch,
        exists: true,
        checkedOut: branch,
        commits,
        dirtyBy: null,
        dirtyTree: null,
        hidden: [],
        links: [],
        full: null,
      }
      worktrees.set(path, made)
      return made
    },
    mergeLanes() {
      onTarget([...worktrees.values()].filter(({ branch }) => !gone.has(branch)).map(head))
      for (const { branch } of worktrees.values()) gone.add(branch)
    },
    commitOnTarget: () => onTarget([]),
    commits: (life, millis) => ({
      resolve: name => life.effect(millis(), () => resolve(name)),
      resolveAll: names => answers(life, millis(), () => names.map(resolve)),
      existing: wanted => answers(life, millis(), () => wanted.filter(commit => parents.has(commit))),
      graph: (tips, not) =>
        answers(life, millis(), () => {
          const without = before(not)
          const found = [...before(tips)].filter(commit => !without.has(commit))
          return found.map(commit => ({ commit, parents: parents.get(commit) ?? [] }))
        }),
      changedFiles: wanted =>
        answers(life, millis(), () => {
          const filesOf = (commit: string) => (/^(?:base-of-|target)/.test(commit) ? [] : [`src/${commit}.txt`])
          return new Map(wanted.map(commit => [commit, filesOf(commit)]))
        }),
      mergeDifference: () => answers(life, millis(), () => []),
      squashDifference: () => answers(life, millis(), () => ['src/all.txt']),
      isAncestor: (commit, of) => life.effect(millis(), () => before([of]).has(commit)),
      committed: () => life.effect(millis(), () => null),
      remoteOf: () => life.effect(millis(), () => null),
      onRemote: () => life.effect(millis(), () => null),
    }),
    workspace: (life, millis) => ({
      inspect: path => answers(life, millis(), () => inspect(path)),
      commitAll: path =>
        answers(life, millis(), () => {
          const worktree = at(path)
          return worktree.dirtyBy === null ? head(worktree) : commit(worktree, worktree.dirtyBy, worktree.dirtyTree)
        }),
      log: (_path, base, to) => answers(life, millis(), () => `commits of ${base}..${to}`),
      changes: () => answers(life, millis(), () => []),
      history: (path, base) =>
        answers(life, millis(), () => {
          const { commits } = at(path)
          const from = commits.findIndex(({ id }) => id === base)
          return commits.slice(Math.max(0, from)).map(({ id, tree }) => ({ commit: id, tree, merge: false }))
        }),
      diff: (_path, base, to) => answers(life, millis(), () => ({ text: `+ ${base}..${to}`, cut: false })),
      lineCounts: (_path, _commit, paths) =>
        answers(life, millis(), () => new Map(paths.filter(isThere).map(path => [path, { path, lines: 100 }]))),
      changedLines: (_path, _base, _head, paths) =>
        answers(
          life,
          millis(),
          () => new Map(paths.filter(path => isThere(path) && !unchanged.has(path)).map(path => [path, 'all'])),
        ),
      bareDiff: () => answers(life, millis(), () => ({ text: '', cut: false })),
      hiddenChanges: () => answers(life, millis(), () => []),
      diffStat: (_path, base, to) => answers(life, millis(), () => `diff of ${base}..${to}`),
      ownCommitsSince: (path, commits) =>
        answers(life, millis(), () => {
          const ids = at(path).commits.map(({ id }) => id)
          const known = Math.max(0, ...commits.map(commit => ids.indexOf(commit)))
          return ids.length - 1 - known
        }),
      returnToBranch: (path, branch) =>
        answers(life, millis(), () => {
          at(path).checkedOut = branch
          return true
        }),
      isAncestor: (_path, commit, of) =>
        answers(life, millis(), () => {
          return before([of]).has(commit)
        }),
      hiddenFiles: path => answers(life, millis(), () => at(path).hidden),
      mergeBase: (path, ref) => answers(life, millis(), () => (ref === '' ? null : (at(path).commits[0]?.id ?? null))),
      keep: (_path, { wpId }) => answers(life, millis(), () => `refs/sko/kept/run/${wpId}/1`),
      danglingLinks: path => answers(life, millis(), () => at(path).links),
      unbornRepositories: () => answers(life, millis(), () => []),
      commitsSince: (path, base) =>
        answers(life, millis(), () => {
          const { commits } = at(path)
          const from = commits.findIndex(({ id }) => id === base)
          return from < 0 ? null : commits.slice(from + 1).map(({ id, at }) => ({ commit: id, committedAt: at }))
        }),
      restore: (path, to, { wpId, patchFile }) =>
        answers(life, millis(), () => {
          const worktree = at(path)
          const kept = worktree.commits.findIndex(({ id }) => id === to.head)
          if (kept < 0) throw new Error(`${to.head} is not on ${worktree.branch}`)
          patches.set(patchFile, `${worktree.dirtyBy ?? 'nobody'} beyond ${to.head}`)
          worktree.commits.splice(kept + 1)
          worktree.dirtyBy = null
          worktree.checkedOut = to.branch ?? worktree.checkedOut
          return { ref: `refs/sko/kept/run/${wpId}/${patches.size}`, since: to.head, patch: patchFile }
        }),
      removeHalfMade: (path, _baseRef) =>
        answers(life, millis(), () => {
          const worktree = at(path)
          if (worktree.dirtyBy !== 'host' || worktree.commits.length > 1) return false
          worktree.exists = false
          worktree.dirtyBy = null
          return true
        }),
      whyNoRoom: path => answers(life, millis(), () => at(path).full),
      readPrompt: path => answers(life, millis(), () => new TextEncoder().encode(files.get(path) ?? `# ${path}`)),
    }),
  }
}
