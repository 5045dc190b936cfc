import type { LineCount } from '../../run/git/workspace.ts'
import { git, gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { list } from '../list.ts'
import { withoutReplaceRefs } from './trees.ts'

/** A command takes no more file names than this. */
const mostNamed = 200

/** The lines of files of a commit. Read from the objects: `--numstat` does not count files that an attribute hides. */
export async function lineCounts(
  worktree: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, LineCount>> {
  const counts = new Map<string, LineCount>()
  for (const [path, file] of await filesOf(worktree, commit, paths)) {
    counts.set(path, { path: file.path, lines: await linesIn(worktree, file) })
  }
  return counts
}

interface TreeFile {
  readonly path: string
  readonly mode: string
  readonly oid: string
}

async function filesOf(
  worktree: string,
  commit: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, TreeFile>> {
  const found = new Map<string, TreeFile>()
  if (paths.length === 0) return found
  const empty = await gitOrThrow(worktree, ['hash-object', '-t', 'tree', '--stdin'], { stdin: new Uint8Array() })
  for (let start = 0; start < paths.length; start += mostNamed) {
    const asked = paths.slice(start, start + mostNamed)
    const exact = await named(worktree, [empty, commit], 'top,literal', asked)
    for (const file of exact) if (asked.includes(file.path)) found.set(file.path, file)
    const missing = asked.filter(path => !found.has(path))
    if (missing.length === 0 || !(await ignoresCase(worktree))) continue
    const similar = await named(worktree, [empty, commit], 'top,literal,icase', missing)
    for (const path of missing) {
      const [meant, ...others] = similar.filter(file => file.path.toLowerCase() === path.toLowerCase())
      if (meant && others.length === 0) found.set(path, meant)
    }
  }
  return found
}

/** All files below these paths. Compared with an empty tree, because `ls-tree` has no literal paths. */
async function named(
  worktree: string,
  trees: readonly string[],
  magic: string,
  paths: readonly string[],
): Promise<readonly TreeFile[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--ignore-submodules=none', ...trees]
  const options = { ...withoutReplaceRefs, encoding: 'utf8' } as const
  const fields = await list(worktree, [...args, '--', ...paths.map(path => `:(${magic})${path}`)], options)
  return fields.flatMap((field, n) => {
    const [, mode, oid] = /^:\d+ (\d+) \S+ (\S+) A$/.exec(field) ?? []
    return mode === undefined || oid === undefined ? [] : [{ path: fields[n + 1] ?? '', mode, oid }]
  })
}

/** A link to another repository has one line, in a diff as well. */
async function linesIn(worktree: string, { path, mode, oid }: TreeFile): Promise<number> {
  if (mode === '160000') return 1
  const blob = await git(worktree, ['cat-file', 'blob', oid], { ...withoutReplaceRefs, encoding: 'latin1' })
  if (!blob.ok && !blob.cut) throw new GitError(`git cat-file of ${path}: ${blob.stderr}`)
  const text = blob.stdout
  let lines = text === '' || text.endsWith('\n') ? 0 : 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1
  return lines
}

/** The file system of the worktree takes `README` and `readme` for one file. */
async function ignoresCase(worktree: string): Promise<boolean> {
  const set = await git(worktree, ['config', '--type=bool', '--get', 'core.ignoreCase'])
  return set.stdout === 'true'
}
