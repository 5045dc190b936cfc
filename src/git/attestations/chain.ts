import { attestationsRef } from '../../core/record/stored.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { gitWrite } from '../git-write.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { makeCommit } from '../kept/kept.ts'
import { filesIn } from '../kept/stash.ts'
import { resolveAll } from '../resolve-all.ts'
import { withScratch } from '../scratch.ts'

/** The files of a commit: path (`latin1`) -> blob. */
export type Files = ReadonlyMap<string, string>

/** The last commit of our ref, or of a copy of it; null: there is none yet. */
export async function tipOf(root: string, ref = attestationsRef): Promise<string | null> {
  const named = await git(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', ref])
  if (!named.ok) return null
  // Older versions also print the option that ends the options.
  const [commit] = await resolveAll(root, [`${named.stdout.trim().split('\n').at(-1)}^{commit}`], withoutReplaceRefs)
  if (!commit) throw new GitError(`${ref} is not a commit of sko: move it away with git update-ref`)
  return commit
}

export async function filesOf(root: string, commit: string | null): Promise<Files> {
  const entries = commit === null ? [] : await filesIn(root, commit)
  return new Map(entries.map(({ path, oid }) => [path, oid]))
}

export async function store(root: string, content: string): Promise<string> {
  return (await gitWrite(root, ['hash-object', '-w', '--stdin'], { stdin: Buffer.from(content) })).trim()
}

interface NextCommit {
  /** What our ref must still be; null: it must not exist yet. */
  readonly before: string | null
  readonly files: Files
  readonly parents: readonly string[]
  readonly message: string
}

/** Moves our ref to a new commit. Returns it; null: another process has moved the ref meanwhile. */
export async function commitOnChain(root: string, { before, files, parents, message }: NextCommit) {
  const tree = await withScratch(root, async scratch => {
    const index = `${scratch}/index`
    const lines = [...files].map(([path, oid]) => `100644 ${oid}\t${path}\0`)
    const stdin = Buffer.from(lines.join(''), 'latin1')
    await gitWrite(root, ['update-index', '--add', '-z', '--index-info'], { index, stdin })
    return (await gitWrite(root, ['write-tree'], { index })).trim()
  })
  const first = before === null ? [] : [before]
  const commit = await makeCommit(root, tree, [...new Set([...first, ...parents])], message)
  return (await moveRef(root, commit, before)) ? commit : null
}

/** False: our ref is no longer what it was. */
export async function moveRef(root: string, commit: string, before: string | null): Promise<boolean> {
  try {
    // The empty old value: the ref must not exist yet.
    const args = ['update-ref', '--no-deref', '-m', 'sko record', attestationsRef, commit, before ?? '']
    await gitWrite(root, args)
    return true
  } catch (error) {
    if (!(error instanceof GitError) || (await tipOf(root)) === before) throw error
    return false
  }
}

/** Of blobs, by their ids. Anything else is left out. */
export async function contentOf(root: string, oids: readonly string[]): Promise<ReadonlyMap<string, string>> {
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
