import {
  inOrder,
  type KeptEntry,
  type KeptMessage,
  keptMessage,
  keptPrefix,
  parseKept,
} from '../../core/repository/kept.ts'
import { gitOrThrow } from '../git.ts'
import { gitWrite } from '../git-write.ts'

const fields = ['refname', 'objecttype', 'objectname', 'committerdate:iso-strict', 'parent', 'tree', 'contents']

/** The kept entries of all runs, or below one folder of refs, oldest first. */
export async function listKept(root: string, below = keptPrefix): Promise<readonly KeptEntry[]> {
  return inOrder((await listKeptCommits(root, below)).map(({ entry }) => entry))
}

interface KeptTree {
  readonly entry: KeptEntry
  /** HEAD at that time; null: there was none. */
  readonly base: string | null
  readonly tree: string
}

/** The same with what their commits hold, in no order. */
export async function listKeptCommits(root: string, below = keptPrefix): Promise<readonly KeptTree[]> {
  const format = fields.map(field => `%(${field})%00`).join('')
  const listed = await gitOrThrow(root, ['for-each-ref', `--format=${format}`, below])
  return listed.split('\0\n').flatMap(record => {
    const [ref = '', type, commit = '', at = '', parents = '', tree = '', message = ''] = record.split('\0')
    const entry = type === 'commit' ? parseKept({ ref, commit, at: new Date(at).toISOString(), message }) : null
    return entry ? [{ entry, base: parents.split(' ')[0] || null, tree }] : []
  })
}

/** Deletes each entry only if it is still the listed commit. */
export async function dropKept(root: string, entries: readonly KeptEntry[]): Promise<void> {
  if (entries.length === 0) return
  const lines = entries.map(({ ref, commit }) => `delete ${ref} ${commit}\n`)
  await gitWrite(root, ['update-ref', '--no-deref', '--stdin'], { stdin: Buffer.from(lines.join('')) })
}

/** Gives the same content under the same ref another message. */
export async function relabel(root: string, ref: string, commit: string, message: KeptMessage): Promise<void> {
  const parents = (await gitOrThrow(root, ['rev-parse', `${commit}^@`])).split('\n').filter(Boolean)
  const args = ['commit-tree', `${commit}^{tree}`, ...parents.flatMap(parent => ['-p', parent]), '-F', '-']
  const stdin = Buffer.from(keptMessage(message))
  const renamed = (await gitWrite(root, args, { stdin })).trim()
  await gitWrite(root, ['update-ref', '--no-deref', '-m', 'sko keep', ref, renamed, commit])
}
