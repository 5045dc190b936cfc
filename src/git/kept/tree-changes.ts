import type { TreeChange } from '../../core/work-package/lost.ts'
import { withoutReplaceRefs } from '../history/trees.ts'
import { list } from '../list.ts'

const kinds = { A: 'added', D: 'removed' } as const

/** The files that differ between two trees or commits. Paths are `latin1`. */
export async function treeChanges(cwd: string, from: string, to: string): Promise<readonly TreeChange[]> {
  if (from === to) return []
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', '--no-commit-id']
  const fields = await list(cwd, [...args, '--ignore-submodules=none', from, to], withoutReplaceRefs)
  return fields.flatMap((field, n) => {
    const [, mode = '', before = '', after = '', status = ''] = /^:\d+ (\d+) (\S+) (\S+) ([ADMTU])/.exec(field) ?? []
    if (status === '') return []
    const kind = status === 'A' || status === 'D' ? kinds[status] : 'modified'
    return [{ path: fields[n + 1] ?? '', mode, before, after, kind }]
  })
}

export type TreeChanges = typeof treeChanges

/** A difference can have a line for every file of a repository. */
const mostRemembered = 32

/** The same for one repository, which asks git only once about two commits or trees that are named by their ids. */
export function rememberedTreeChanges(): TreeChanges {
  const known = new Map<string, Promise<readonly TreeChange[]>>()
  return (cwd, from, to) => {
    const key = `${from} ${to}`
    const asked = known.get(key) ?? treeChanges(cwd, from, to)
    if (!/^[0-9a-f]{40,64} [0-9a-f]{40,64}$/.test(key)) return asked
    known.delete(key)
    known.set(key, asked)
    asked.catch(() => known.delete(key))
    for (const oldest of [...known.keys()].slice(0, -mostRemembered)) known.delete(oldest)
    return asked
  }
}

/** A `latin1` path as text. */
export function shownPath(path: string): string {
  return Buffer.from(path, 'latin1').toString()
}
