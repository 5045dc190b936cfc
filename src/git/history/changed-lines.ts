import type { ChangedIn } from '../../core/judgement/settle.ts'
import { gitOrThrow } from '../git.ts'
import { list } from '../list.ts'
import { withoutReplaceRefs } from './trees.ts'

/**
 * Which lines of files of `head` differ from `base`. Of a renamed file, those that differ from the file that it was. The
 * contents are compared by their ids, so no attribute of a path and no program of a driver has a say.
 */
export async function changedLines(
  worktree: string,
  base: string,
  head: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, ChangedIn>> {
  const changed = new Map<string, ChangedIn>()
  if (paths.length === 0 || base === head) return changed
  const wanted = new Set(paths)
  for (const { path, before, after, isText } of await changesOf(worktree, base, head)) {
    if (!wanted.has(path)) continue
    if (before === after && isText) continue
    changed.set(path, isText ? await hunks(worktree, before, after) : 'all')
  }
  return changed
}

interface Change {
  /** At `head`. */
  readonly path: string
  readonly before: string
  readonly after: string
  /** A file on both sides: not new, removed, a link or another repository. */
  readonly isText: boolean
}

async function changesOf(worktree: string, base: string, head: string): Promise<readonly Change[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '-M', '--no-abbrev', '--ignore-submodules=none', base, head]
  const fields = await list(worktree, args, { ...withoutReplaceRefs, encoding: 'utf8' })
  const changes: Change[] = []
  for (let n = 0; n < fields.length; n += 2) {
    const [, from = '', to = '', before = '', after = '', status = ''] =
      /^:(\d+) (\d+) (\S+) (\S+) ([A-Z])/.exec(fields[n] ?? '') ?? []
    // A rename has two paths.
    if (status === 'R') n += 1
    changes.push({ path: fields[n + 1] ?? '', before, after, isText: isFile(from) && isFile(to) })
  }
  return changes
}

function isFile(mode: string): boolean {
  return mode.startsWith('100')
}

/** Of a removal, the lines on both sides of it. */
async function hunks(worktree: string, before: string, after: string): Promise<ChangedIn> {
  const args = ['diff', '-U0', '--inter-hunk-context=0', '--text', '--no-color', before, after]
  const patch = await gitOrThrow(worktree, args, { ...withoutReplaceRefs, encoding: 'latin1' })
  // Every line of the files themselves begins with another sign.
  return patch.split('\n').flatMap(line => {
    const [, at, many = '1'] = /^@@ -\S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    if (at === undefined) return []
    const [first, count] = [Number(at), Number(many)]
    return [count === 0 ? ([first, first + 1] as const) : ([first, first + count - 1] as const)]
  })
}
