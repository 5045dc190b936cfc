import { createHash } from 'node:crypto'
import type { Setting } from '../../process/inherited-environment.ts'
import { git } from '../git.ts'
import { withoutFilters } from '../list.ts'
import { listNested } from './nested.ts'
import { look } from './on-disk.ts'

export interface WrittenFile {
  readonly written: string
  readonly bytes: number
}

export interface WorktreeSignature {
  readonly head: string | null
  readonly branch: string | null
  /** If equal, no file that git does not ignore was written in between. */
  readonly signature: string
  /** Files that are new or differ from HEAD: time of the last write, and size. */
  readonly files: ReadonlyMap<string, WrittenFile>
  /** Nothing differs from HEAD. */
  readonly clean: boolean
  /** The index differs from HEAD. */
  readonly staged: boolean
  /** The settings with which it was read. */
  readonly withoutFilters: readonly Setting[]
}

const asked = [
  'status',
  '--porcelain=v2',
  '-z',
  '--branch',
  '--no-ahead-behind',
  '--untracked-files=all',
  '--no-renames',
]
/** The number of fields before the path in each kind of line. */
const fieldsBefore: Readonly<Record<string, number>> = { '1': 8, u: 10, '?': 1 }

/** Reads no file whose size and times match the index. null: git cannot tell, for example without an index. */
export async function signatureOf(worktree: string): Promise<WorktreeSignature | null> {
  const settings = await withoutFilters(worktree)
  const status = await git(worktree, asked, { encoding: 'latin1', settings })
  if (!status.ok) return null
  const lines = status.stdout.split('\0').filter(Boolean)
  const header = (name: string) => lines.find(line => line.startsWith(`# ${name} `))?.slice(name.length + 3)
  const paths = lines.flatMap(line => pathIn(line) ?? [])
  const hash = createHash('sha256').update(status.stdout, 'latin1')
  const files = new Map<string, WrittenFile>()
  for (const path of await withNested(worktree, paths)) {
    const stats = look(worktree, path)
    const written = `${stats?.ino} ${stats?.size} ${stats?.ctimeMs} ${stats?.mode}`
    hash.update(`\0${path}\0${written}`, 'latin1')
    files.set(path, { written, bytes: stats?.isFile() ? stats.size : 0 })
  }
  const [head, branch] = [header('branch.oid'), header('branch.head')]
  return {
    head: head === undefined || head === '(initial)' ? null : head,
    branch: branch === undefined || branch === '(detached)' ? null : branch,
    signature: hash.digest('hex'),
    files,
    clean: paths.length === 0,
    staged: lines.some(line => /^(?:u|[12] [^.])/.test(line)),
    withoutFilters: settings,
  }
}

function pathIn(line: string): string | null {
  const count = fieldsBefore[line[0] ?? '']
  return count === undefined ? null : line.split(' ').slice(count).join(' ')
}

/** For a nested repository git shows only that it exists or that it changed. */
async function withNested(worktree: string, paths: readonly string[]): Promise<readonly string[]> {
  const all: string[] = []
  for (const path of paths) {
    const folder = path.replace(/\/$/, '')
    const nested = look(worktree, folder)?.isDirectory() && look(worktree, `${folder}/.git`) !== undefined
    const inside = nested ? await listNested(worktree, folder).catch(() => null) : null
    all.push(...(inside?.files ?? [folder]))
  }
  return all
}

/** The bytes of files written since then. */
export function bytesSince(before: WorktreeSignature | null, now: WorktreeSignature | null): number {
  const files = [...(now?.files ?? [])]
  const changed = files.filter(([path, { written }]) => before?.files.get(path)?.written !== written)
  return changed.reduce((sum, [, { bytes }]) => sum + bytes, 0)
}
