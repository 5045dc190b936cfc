import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { someOf } from '../../core/format.ts'
import { type KeptMessage, keptMessage, snapshotReason } from '../../core/repository/kept.ts'
import { lostBetween } from '../../core/work-package/lost.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { bytesSince, signatureOf, type WorktreeSignature } from '../worktree/worktree-signature.ts'
import { unheld, unnamedBlobs, visited } from './dropped.ts'
import { type Kept, keep, makeCommit, nameCommit } from './kept.ts'
import { relabel } from './kept-refs.ts'
import { shownPath, treeChanges } from './tree-changes.ts'

export interface WatchedPlace {
  readonly runId: string
  readonly wpId: string
  readonly worktree: string
  /** The main checkout. */
  readonly repository: string
  readonly attempt: number
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** Something an attempt wrote and then removed, dropped or put back, and where it is kept. */
export interface KeptLoss {
  readonly ref: string
  readonly reason: 'removed' | 'dropped-commits'
  readonly why: string
}

export interface Snapshots {
  /** Copies what was written since the last look. Throws a GitError if nothing can be kept. */
  look(): Promise<void>
  /** The last look, which also covers commits. */
  end(): Promise<void>
  /** The content of the worktree at the last look, a tree or a commit. */
  tree(): string | null
  branch(): string | null
  readonly losses: readonly KeptLoss[]
}

/**
 * Each snapshot is the parent of the next, so edited files stay in earlier snapshots. The last one holds up to this
 * many.
 */
const longestChain = 100
/** How many bytes of changed files are copied during an attempt. At its end the worktree is kept whatever its size. */
const mostBytes = 1024 ** 3
/** How many separate entries an attempt gets for removed files. Later removals are held by the last entry. */
const mostLosses = 50

interface Taken {
  readonly kept: Kept
  readonly head: string | null
  readonly chain: number
}

/** Copies of a worktree under our own refs: one that follows it, and one for each time that something was removed. */
export function createSnapshots(place: WatchedPlace): Snapshots {
  const { worktree, attempt } = place
  const losses: KeptLoss[] = []
  const heads = new Set<string>()
  const keepDropped = createDroppedCommits(place, losses)
  let seen: WorktreeSignature | null = null
  let last: Taken | null = null
  let bytes = 0

  const take = async (now: WorktreeSignature | null): Promise<void> => {
    const before = last
    const chain = before === null || before.chain >= longestChain ? 0 : before.chain + 1
    const commits = before !== null && chain > 0 ? [before.kept.commit] : []
    const why = `snapshot of attempt ${attempt}`
    const kept = await keep({ ...place, why, reason: snapshotReason, commits, proven: false, seen: now })
    last = { kept, head: now?.head ?? null, chain }
    if (before === null) return
    const lost = await lostSince(place, before, last)
    if (lost.length === 0 || losses.length >= mostLosses) return forget(worktree, before.kept)
    const said = `${lost.length} file(s) that attempt ${attempt} wrote and then removed or put back: ${someOf(lost)}`
    losses.push(await asRemoved(place, before.kept, said))
  }

  const keepCommits = (commits: readonly string[]) => keepDropped(commits.filter(commit => commit !== seen?.head))

  /** The worktree was removed, so the last snapshot becomes the final one. */
  const closeLast = async (): Promise<void> => {
    if (last === null) return
    const why = `the worktree as attempt ${attempt} had it before it was removed`
    losses.push(await asRemoved(place, last.kept, why))
    last = null
    seen = null
  }

  const look = async (isEnd: boolean): Promise<void> => {
    if (!existsSync(join(worktree, '.git'))) return closeLast()
    const now = await signatureOf(worktree)
    const written = now === null || now.signature !== seen?.signature
    const moved = seen?.head && now !== null && now.head !== seen.head ? [seen.head] : []
    bytes += bytesSince(seen, now)
    if (now?.head) heads.add(now.head)
    seen = now ?? seen
    if (moved.length > 0) await keepCommits(moved)
    // Nothing differs from HEAD, and nothing did before.
    if (now?.clean && last === null) return
    if (written && (isEnd || bytes <= mostBytes)) await take(now)
  }

  return {
    losses,
    branch: () => seen?.branch ?? null,
    tree: () => last?.kept.tree ?? seen?.head ?? null,
    look: () => look(false),
    end: async () => {
      await look(true)
      await keepCommits([...heads, ...(await visited(worktree, seen?.branch ?? null, place.startedAt))])
      await keepUnnamed(place)
    },
  }
}

/** Keeps each commit that nothing else holds any more, once. */
function createDroppedCommits(place: WatchedPlace, losses: KeptLoss[]) {
  const held = new Set<string>()
  return async (commits: readonly string[]): Promise<void> => {
    const dropped = await unheld(
      place.worktree,
      commits.filter(commit => !held.has(commit)),
    )
    if (dropped.length === 0) return
    for (const commit of dropped) held.add(commit)
    const named = dropped.map(id => id.slice(0, 10)).join(', ')
    const why = `${dropped.length} commit(s) that attempt ${place.attempt} dropped: ${named}`
    const kept = await keep({ ...place, why, reason: 'dropped-commits', commits: dropped, proven: false })
    losses.push({ ref: kept.ref, reason: 'dropped-commits', why })
  }
}

/** Turns a snapshot into an entry of its own, because the worktree has since lost its content. */
async function asRemoved(place: WatchedPlace, { ref, commit }: Kept, why: string): Promise<KeptLoss> {
  const message: KeptMessage = { ...place, reason: 'removed', why }
  await relabel(place.repository, ref, commit, message)
  return { ref, reason: 'removed', why }
}

async function forget(worktree: string, { ref, commit }: Kept): Promise<void> {
  await gitWrite(worktree, ['update-ref', '--no-deref', '-d', ref, commit])
}

/** Staged versions of files that were replaced later have no name in the object store, and git would remove them. */
async function keepUnnamed(place: WatchedPlace): Promise<void> {
  const { worktree, attempt } = place
  const blobs = await unnamedBlobs(worktree, place.startedAt)
  if (blobs.length === 0) return
  const stdin = Buffer.from(blobs.map(oid => `100644 blob ${oid}\t${oid}\n`).join(''))
  const tree = (await gitWrite(worktree, ['mktree'], { stdin })).trim()
  const why = `${blobs.length} version(s) of files that were staged during attempt ${attempt} and then replaced; git does not know their names`
  const message = keptMessage({ ...place, reason: 'staged', why })
  await nameCommit(place, await makeCommit(worktree, tree, [], message))
}

/** Files that were in no commit and are now gone, or are as in HEAD. */
async function lostSince({ worktree }: WatchedPlace, before: Taken, now: Taken): Promise<readonly string[]> {
  const since = await treeChanges(worktree, before.kept.tree, now.kept.tree)
  if (since.every(({ kind }) => kind === 'added')) return []
  const base = before.head ?? (await emptyTree(worktree))
  const uncommitted = await treeChanges(worktree, base, before.kept.tree)
  const committed = before.head === now.head ? new Set<string>() : await objectsBetween(worktree, before.head, now.head)
  return lostBetween({ uncommitted, since, committed }).map(shownPath)
}

async function emptyTree(worktree: string): Promise<string> {
  return (await gitOrThrow(worktree, ['hash-object', '-t', 'tree', '-w', '--stdin'])).trim()
}

async function objectsBetween(worktree: string, from: string | null, to: string | null): Promise<ReadonlySet<string>> {
  if (to === null) return new Set()
  const range = [to, ...(from === null ? [] : [`^${from}`])]
  const listed = await git(worktree, ['rev-list', '--objects', '--no-object-names', ...range])
  if (!listed.ok) throw new GitError(`git rev-list: ${listed.stderr}`)
  return new Set(listed.stdout.split('\n'))
}
