import { asValue } from '../as-value.ts'
import { gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { shownPath } from '../kept/tree-changes.ts'
import { commitOnChain, contentOf, filesOf, store, tipOf } from './chain.ts'
import { type Combine, share } from './share.ts'

/** What to store. `parents`: commits that our ref is to hold. */
export interface NewRecord {
  readonly files: readonly NewFile[]
  readonly parents: readonly string[]
  readonly message: string
}

export interface NewFile {
  /** ASCII */
  readonly path: string
  /** null: the file is removed. */
  readonly content: string | null
}

interface StoredFile {
  /** The commit of our ref. */
  readonly tip: string
  readonly content: string
}

interface StoredFiles {
  /** The last commit of the ref; null: there is no such ref. */
  readonly tip: string | null
  readonly files: readonly { readonly path: string; readonly content: string }[]
}

export type Attestations = ReturnType<typeof createAttestations>

/** The review records of a repository, below our own ref. */
export function createAttestations(root: string) {
  return {
    treeOf: asValue((commit: string) => treeOf(root, commit)),
    stored: asValue((path: string) => stored(root, path)),
    all: asValue((ref: string) => all(root, ref)),
    add: asValue((record: NewRecord) => add(root, record)),
    push: asValue((remote: string, combine: Combine) => share(root, remote, combine)),
  }
}

/** The tree that a commit has. */
async function treeOf(root: string, commit: string): Promise<string> {
  return gitOrThrow(root, ['rev-parse', '--verify', `${commit}^{tree}`], withoutReplaceRefs)
}

/** The file in the last commit of our ref; null: it is not there. */
async function stored(root: string, path: string): Promise<StoredFile | null> {
  const tip = await tipOf(root)
  const oid = (await filesOf(root, tip)).get(path)
  if (tip === null || oid === undefined) return null
  return { tip, content: (await contentOf(root, [oid])).get(oid) ?? '' }
}

async function all(root: string, ref: string): Promise<StoredFiles> {
  const tip = await tipOf(root, ref)
  const files = await filesOf(root, tip)
  const content = await contentOf(root, [...new Set(files.values())])
  return { tip, files: [...files].map(([path, oid]) => ({ path: shownPath(path), content: content.get(oid) ?? '' })) }
}

/** Another sko process may add a record at the same time. */
const mostTries = 3

/** Adds a commit with the files to our ref. Returns its id. */
async function add(root: string, { files: changed, parents, message }: NewRecord): Promise<string> {
  const added: (readonly [path: string, oid: string])[] = []
  for (const { path, content } of changed) if (content !== null) added.push([path, await store(root, content)])
  for (let tries = 1; tries <= mostTries; tries++) {
    const before = await tipOf(root)
    // A file with the name of our folder can only have been planted.
    const gives = (other: string) => changed.some(({ path }) => path === other || path.startsWith(`${other}/`))
    const others = [...(await filesOf(root, before))].filter(([path]) => !gives(path))
    const files = new Map([...others, ...added])
    const commit = await commitOnChain(root, { before, files, parents, message })
    if (commit !== null) return commit
  }
  throw new GitError('another program keeps moving refs/sko/attestations')
}
