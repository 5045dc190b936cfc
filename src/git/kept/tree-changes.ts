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

/** A `latin1` path as text. */
export function shownPath(path: string): string {
  return Buffer.from(path, 'latin1').toString()
}
