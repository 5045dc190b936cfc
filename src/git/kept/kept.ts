import { join } from 'node:path'
import { keptMessage } from '../../core/repository/kept.ts'
import { oneLine } from '../../core/text.ts'
import { git } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { list, withoutFilters } from '../list.ts'
import { resolveAll } from '../resolve-all.ts'
import { withScratch } from '../scratch.ts'
import { commitsOfNested, forgetFetched } from '../worktree/nested-commits.ts'
import type { WorktreeSignature } from '../worktree/worktree-signature.ts'
import { hashOnDisk, storeFiles } from './store-files.ts'
import { type Entry, type Survey, survey } from './survey.ts'

export interface KeepRequest {
  readonly worktree: string
  readonly runId: string
  /** `main` for the main checkout. */
  readonly wpId: string
  /** For the subject: `WP02: <why>`. */
  readonly why: string
  /** One word for programs, such as `snapshot`. */
  readonly reason: string
  /** Commits that possibly nothing else holds. */
  readonly commits?: readonly string[]
  /**
   * True: the worktree's content is about to be removed, so the commit must equal the disk. False: files may change
   * meanwhile, and each is stored as it was when it was read.
   */
  readonly proven: boolean
  /** What was seen in the worktree just now. */
  readonly seen?: Pick<WorktreeSignature, 'withoutFilters' | 'staged'> | null
}

export interface Kept {
  /** `refs/sko/kept/<runId>/<wpId>/<n>` */
  readonly ref: string
  readonly commit: string
  readonly tree: string
}

/** Retries when files change while they are read. */
const mostTries = 3

/**
 * Stores everything in a worktree that is not ignored as a commit under one of our refs. It leaves the user's index,
 * HEAD and files unchanged and starts none of their programs. Throws a GitError with the cause if something cannot be
 * stored; what was already stored does no harm.
 */
export async function keep(request: KeepRequest): Promise<Kept> {
  for (let tries = 1; ; tries++) {
    try {
      return await withScratch(request.worktree, scratch => keepOnce(request, scratch))
    } catch (error) {
      if (!(error instanceof Changed) && !isSystemError(error)) throw error
      if (tries < mostTries && !(isSystemError(error) && error.code !== 'ENOENT')) continue
      throw new GitError(`the files in ${request.worktree} cannot be kept: ${error.message}`)
    }
  }
}

/** The worktree changed while it was read. */
class Changed extends Error {}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
}

async function keepOnce(request: KeepRequest, scratch: string): Promise<Kept> {
  const { worktree, proven } = request
  const fetched = `refs/sko/fetched/${process.pid}-${Date.now()}`
  const settings = request.seen?.withoutFilters ?? (await withoutFilters(worktree))
  const found = await survey(worktree, join(scratch, 'index'), settings)
  const staged = request.seen?.staged === false ? null : await stagedTree(worktree, join(scratch, 'index'))
  const stored = await storeFiles(worktree, [...found.onDisk.keys()])
  if (stored === null) throw new Changed('a file was removed while it was being read')
  const entries = new Map<string, Entry>(found.known)
  for (const [path, mode] of found.onDisk) entries.set(path, { mode, oid: stored.get(path) ?? '' })
  const tree = await writeTree(worktree, entries, join(scratch, 'new-index'))
  try {
    const nested = await commitsOfNested(worktree, found.nested, fetched)
    const commit = await commitTree(request, tree, staged, nested)
    await proveTree(worktree, commit, entries)
    if (proven)
      await proveDisk(worktree, entries, found, await survey(worktree, join(scratch, 'index-again'), settings))
    return { ref: await nameCommit(request, commit), commit, tree }
  } finally {
    if (found.nested.length > 0) await forgetFetched(worktree, fetched)
  }
}

async function writeTree(worktree: string, entries: ReadonlyMap<string, Entry>, index: string): Promise<string> {
  const lines = [...entries].map(([path, { mode, oid }]) => `${mode} ${oid}\t${path}\0`)
  // A name that other systems cannot check out is allowed here.
  const settings = [['core.protectNTFS', 'false'] as const, ['core.protectHFS', 'false'] as const]
  const options = { index, settings }
  const stdin = Buffer.from(lines.join(''), 'latin1')
  await gitWrite(worktree, ['update-index', '--add', '-z', '--index-info'], { ...options, stdin })
  return (await gitWrite(worktree, ['write-tree'], options)).trim()
}

/**
 * The index as a tree, for content that was staged and then changed on disk. null: there is none, or the index has
 * conflicts.
 */
async function stagedTree(worktree: string, index: string): Promise<string | null> {
  const written = await git(worktree, ['write-tree'], { index })
  return written.ok ? written.stdout.trim() : null
}

async function commitTree(
  { worktree, runId, wpId, why, reason, commits = [] }: KeepRequest,
  tree: string,
  staged: string | null,
  nested: readonly string[],
): Promise<string> {
  const [head, merging, headTree] = await resolveAll(worktree, ['HEAD^{commit}', 'MERGE_HEAD^{commit}', 'HEAD^{tree}'])
  const first = [head ?? []].flat()
  const parents = [...first, ...commits, ...[merging ?? []].flat(), ...nested]
  if (staged !== null && staged !== tree && staged !== headTree) {
    parents.push(await makeCommit(worktree, staged, first, `${wpId}: what was staged`))
  }
  return makeCommit(worktree, tree, [...new Set(parents)], keptMessage({ runId, wpId, reason, why, worktree }))
}

export async function makeCommit(
  worktree: string,
  tree: string,
  parents: readonly string[],
  message: string,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-F', '-']
  return (await gitWrite(worktree, args, { stdin: Buffer.from(message) })).trim()
}

/** Reads the commit back from the object store and checks that every path has its bytes. */
async function proveTree(worktree: string, commit: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const lines = await list(worktree, ['ls-tree', '-r', '-z', '--full-tree', commit], {})
  const inTree = new Map(
    lines.map(line => {
      const [, mode = '', oid = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([\s\S]+)$/.exec(line) ?? []
      return [path, { mode, oid }]
    }),
  )
  const missing = [...entries].find(([path, { mode, oid }]) => {
    const there = inTree.get(path)
    return there?.oid !== oid || there.mode !== mode
  })
  if (missing || inTree.size !== entries.size) {
    throw new GitError(`the kept commit ${commit} lacks ${oneLine(missing?.[0] ?? 'a file')}`)
  }
}

/** Checks with a second look that nothing was added and that each file has the bytes in the tree. */
async function proveDisk(
  worktree: string,
  entries: ReadonlyMap<string, Entry>,
  before: Survey,
  now: Survey,
): Promise<void> {
  const names = ({ known, onDisk }: Survey) => [...known.keys(), ...onDisk.keys()].toSorted().join('\0')
  if (names(now) !== names(before)) throw new Changed('files keep being added and removed there')
  for (const path of now.onDisk.keys()) {
    const { mode, oid } = entries.get(path) ?? { mode: '', oid: '' }
    if (mode !== now.onDisk.get(path) || oid !== (await hashOnDisk(worktree, path, mode, oid.length))) {
      throw new Changed(`${oneLine(path)} is being written`)
    }
  }
}

/** The next free number. Another sko process may take it at the same moment. */
export async function nameCommit(
  { worktree, runId, wpId }: Pick<KeepRequest, 'worktree' | 'runId' | 'wpId'>,
  commit: string,
): Promise<string> {
  const folder = `refs/sko/kept/${runId}/${wpId}/`
  for (let tries = 1; ; tries++) {
    const taken = await list(worktree, ['for-each-ref', '--format=%(refname)%00', folder], {})
    const numbers = taken.map(name => Number(name.trim().slice(folder.length)))
    const ref = `${folder}${Math.max(0, ...numbers.filter(Number.isSafeInteger)) + 1}`
    try {
      // No old value: the ref must not exist yet.
      await gitWrite(worktree, ['update-ref', '--no-deref', '-m', 'sko keep', ref, commit, ''])
      return ref
    } catch (error) {
      if (tries === mostTries || !(error instanceof GitError) || !/already exists/.test(error.message)) throw error
    }
  }
}
