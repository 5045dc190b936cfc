import { attestationsRef } from '../../core/record/stored.ts'
import { asValue } from '../as-value.ts'
import { causeIn, git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { makeCommit } from '../kept/kept.ts'
import { filesIn } from '../kept/stash.ts'
import { shownPath } from '../kept/tree-changes.ts'
import { resolveAll } from '../resolve-all.ts'
import { withScratch } from '../scratch.ts'

/** A file to store. `parents`: commits that our ref is to hold. */
export interface NewRecord {
  readonly path: string
  readonly content: string
  readonly parents: readonly string[]
  readonly message: string
}

export interface StoredFile {
  /** The commit of our ref. */
  readonly tip: string
  readonly content: string
}

/** The tree that a commit has. */
async function treeOf(root: string, commit: string): Promise<string> {
  return gitOrThrow(root, ['rev-parse', '--verify', `${commit}^{tree}`], withoutReplaceRefs)
}

/** The file in the last commit of our ref; null: it is not there. */
async function stored(root: string, path: string): Promise<StoredFile | null> {
  const tip = await tipOf(root)
  if (tip === null) return null
  const [blob] = await resolveAll(root, [`${tip}:${path}`], withoutReplaceRefs)
  return blob ? { tip, content: await gitOrThrow(root, ['cat-file', 'blob', blob], withoutReplaceRefs) } : null
}

export interface StoredFiles {
  /** The last commit of the ref; null: there is no such ref. */
  readonly tip: string | null
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

async function all(root: string, ref: string): Promise<StoredFiles> {
  const tip = await tipOf(root, ref)
  if (tip === null) return { tip, files: [] }
  const entries = await filesIn(root, tip)
  const content = await contentOf(
    root,
    entries.map(({ oid }) => oid),
  )
  const shown = entries.map(({ path, oid }) => ({ path: shownPath(path), content: content.get(oid) ?? '' }))
  return { tip, files: shown }
}

/** Of blobs, by their ids. Anything else is empty. */
async function contentOf(root: string, oids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  if (oids.length === 0) return new Map()
  const stdin = Buffer.from(oids.map(oid => `${oid}\n`).join(''))
  const options = { ...withoutReplaceRefs, stdin, encoding: 'latin1' } as const
  const bytes = await gitOrThrow(root, ['cat-file', '--batch'], options)
  const found = new Map<string, string>()
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = bytes.indexOf('\n', at)
    const [oid = '', type, size = '0'] = bytes.slice(at, lineEnd).split(' ')
    const start = lineEnd + 1
    if (type === 'blob') found.set(oid, Buffer.from(bytes.slice(start, start + Number(size)), 'latin1').toString())
    at = type === 'missing' ? start : start + Number(size) + 1
  }
  return found
}

/** Adds a commit with the file to our ref. Returns its id. */
async function add(root: string, record: NewRecord): Promise<string> {
  const stdin = Buffer.from(record.content)
  const blob = (await gitWrite(root, ['hash-object', '-w', '--stdin'], { stdin })).trim()
  for (let tries = 1; ; tries++) {
    const before = await tipOf(root)
    const tree = await treeWith(root, before, `100644 ${blob}\t${record.path}\0`)
    const parents = [...(before === null ? [] : [before]), ...record.parents.filter(parent => parent !== before)]
    const commit = await makeCommit(root, tree, parents, record.message)
    try {
      // The empty old value: the ref must not exist yet.
      const args = ['update-ref', '--no-deref', '-m', 'sko record', attestationsRef, commit, before ?? '']
      await gitWrite(root, args)
      return commit
    } catch (error) {
      // Another sko process has added a record meanwhile.
      if (tries === mostTries || !(error instanceof GitError) || (await tipOf(root)) === before) throw error
    }
  }
}

const mostTries = 3

/** The last commit of our ref, or of a copy of it; null: there is none yet. */
async function tipOf(root: string, ref = attestationsRef): Promise<string | null> {
  const named = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref])
  if (!named.ok) return null
  const [commit] = await resolveAll(root, [`${named.stdout.trim().split('\n').at(-1)}^{commit}`], withoutReplaceRefs)
  if (!commit) throw new GitError(`${ref} is not a commit of sko: move it away with git update-ref`)
  return commit
}

async function treeWith(root: string, before: string | null, line: string): Promise<string> {
  return withScratch(root, async scratch => {
    const index = `${scratch}/index`
    if (before !== null) await gitWrite(root, ['read-tree', before], { index })
    await gitWrite(root, ['update-index', '--add', '-z', '--index-info'], { index, stdin: Buffer.from(line) })
    return (await gitWrite(root, ['write-tree'], { index })).trim()
  })
}

/** A push waits for a network, and for a server's own checks. */
const pushSeconds = 120

/** The reason of a refusal, or null. */
async function push(root: string, remote: string): Promise<string | null> {
  const args = ['push', '--no-verify', '--', remote, `${attestationsRef}:${attestationsRef}`]
  const pushed = await git(root, args, { timeoutSeconds: pushSeconds })
  return pushed.ok ? null : (/^ ! .*$/m.exec(pushed.stderr)?.[0].trim() ?? causeIn(pushed.stderr))
}

export type Attestations = ReturnType<typeof createAttestations>

/** The review records of a repository, below our own ref. */
export function createAttestations(root: string) {
  return {
    treeOf: asValue((commit: string) => treeOf(root, commit)),
    stored: asValue((path: string) => stored(root, path)),
    all: asValue((ref: string) => all(root, ref)),
    add: asValue((record: NewRecord) => add(root, record)),
    push: (remote: string) => push(root, remote),
  }
}
