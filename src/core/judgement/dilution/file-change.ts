import type { TreeChange } from '../../work-package/lost.ts'
import type { Lines } from './changed-line.ts'
import type { PatchedFile } from './read-patch.ts'

export interface FileChange {
  readonly path: string
  readonly kind: TreeChange['kind']
  /** Where it is now, of a removed file whose content is at another path; where it was, of an added one. */
  readonly movedTo: string | null
  readonly movedFrom: string | null
  /** null: they were not read. Of a moved file, what changed on the way; the old path then has none. */
  readonly lines: Lines | null
}

const none: Lines = { removed: [], added: [] }

/** Brings the list of changed files and their lines together. */
export function fileChanges(changes: readonly TreeChange[], patched: readonly PatchedFile[]): readonly FileChange[] {
  const byPath = new Map(patched.map(file => [file.path, file]))
  const movedTo = new Map(patched.flatMap(({ path, from }) => (from === null ? [] : [[from, path]])))
  // The same content at another path is moved, also where its lines are not read.
  const added = new Map(changes.flatMap(({ kind, path, after }) => (kind === 'added' ? [[after, path]] : [])))
  for (const { kind, path, before } of changes) {
    const to = kind === 'removed' ? added.get(before) : undefined
    if (to !== undefined && !movedTo.has(path)) movedTo.set(path, to)
  }
  const movedFrom = new Map([...movedTo].map(([from, to]) => [to, from]))
  return changes.map(({ path, kind }) => {
    const file = byPath.get(path)
    const to = movedTo.get(path) ?? null
    const lines = file ? { removed: file.removed, added: file.added } : to === null ? null : none
    return { path, kind, movedTo: to, movedFrom: movedFrom.get(path) ?? null, lines }
  })
}
