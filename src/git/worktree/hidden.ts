import { readdirSync } from 'node:fs'
import { type GitOptions, git } from '../git.ts'
import { gitWrite } from '../git-write.ts'
import { list } from '../list.ts'
import { look, onDisk } from './on-disk.ts'

/** An index entry: path (`latin1`) and flags. */
export interface Flagged {
  readonly path: string
  readonly mode: string
  readonly oid: string
  readonly merged: boolean
  /** `assume-unchanged` or `skip-worktree`: git ignores changes of the file. */
  readonly hidden: boolean
}

/**
 * Includes files outside a sparse checkout. If such a file exists anyway, one git call hides it and the next does not.
 */
export function withoutSparseCheckout(options: GitOptions = {}): GitOptions {
  return { ...options, settings: [...(options.settings ?? []), ['core.sparseCheckout', 'false']] }
}

export async function indexEntries(worktree: string, options: GitOptions = {}): Promise<readonly Flagged[]> {
  return entriesIn(await list(worktree, ['ls-files', '-z', '-v', '--stage'], withoutSparseCheckout(options)))
}

/** With the files that are not in the index and not ignored. A repository among them ends with a slash. */
export async function indexAndOthers(worktree: string, options: GitOptions = {}) {
  const args = ['ls-files', '-z', '-v', '--stage', '--others', '--exclude-standard']
  const listed = await list(worktree, args, withoutSparseCheckout(options))
  const isOther = (line: string) => line.startsWith('? ')
  return {
    entries: entriesIn(listed.filter(line => !isOther(line))),
    others: listed.filter(isOther).map(line => line.slice(2)),
  }
}

function entriesIn(listed: readonly string[]): readonly Flagged[] {
  const entries = listed.flatMap(line => {
    const [, tag = '', mode = '', oid = '', stage, path = ''] =
      /^(.) (\d+) ([0-9a-f]+) (\d)\t([\s\S]+)$/.exec(line) ?? []
    const hidden = tag === 'S' || tag !== tag.toUpperCase()
    return path ? [{ path, mode, oid, merged: stage === '0', hidden }] : []
  })
  // A path in conflict is listed up to three times.
  return [...new Map(entries.map(entry => [entry.path, entry])).values()]
}

/** Makes git see changes of these files again. */
export async function unhide(worktree: string, paths: readonly string[], options: GitOptions = {}): Promise<void> {
  if (paths.length === 0) return
  const stdin = Buffer.from(paths.map(path => `${path}\0`).join(''), 'latin1')
  for (const flag of ['--no-assume-unchanged', '--no-skip-worktree']) {
    await gitWrite(worktree, ['update-index', flag, '-z', '--stdin'], { ...withoutSparseCheckout(options), stdin })
  }
}

/** Links whose repository is gone while its files remain: git neither adds these files nor names them. */
export function emptiedLinks(worktree: string, entries: readonly Flagged[]): readonly string[] {
  const links = entries.filter(({ mode }) => mode === '160000').map(({ path }) => path)
  const folders = links.filter(path => look(worktree, path)?.isDirectory() && !look(worktree, `${path}/.git`))
  return folders.filter(path => readdirSync(onDisk(worktree, path)).length > 0)
}

/** Files whose changes git ignores because of an index flag, except those left out by a sparse checkout, and `emptiedLinks`. */
export async function hiddenPaths(worktree: string, entries: readonly Flagged[]): Promise<readonly string[]> {
  const links = emptiedLinks(worktree, entries)
  const hidden = entries.filter(entry => entry.hidden)
  if (hidden.length === 0) return links
  const sparse = await git(worktree, ['config', '--type=bool', 'core.sparseCheckout'])
  const isSparse = sparse.stdout.trim() === 'true'
  const files = hidden.filter(({ path }) => !isSparse || look(worktree, path) !== undefined).map(({ path }) => path)
  return [...files, ...links]
}
