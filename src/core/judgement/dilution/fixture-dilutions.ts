import type { FileChange } from './file-change.ts'
import { subjectOf } from './file-role.ts'
import { type Found, found, whole } from './found.ts'
import { withoutMoved } from './moved-lines.ts'

/** Fixtures and snapshots that are gone, elsewhere or different. More lines, and new files, are no question. */
export function fixtureDilutions(
  fixtures: readonly FileChange[],
  removedCode: readonly FileChange[],
): readonly Found[] {
  const subjects = new Set(removedCode.map(({ path }) => subjectOf(path)))
  return fixtures.flatMap(file => {
    const { path, kind, movedTo, lines } = file
    if (kind === 'added') return []
    if (kind === 'removed') return subjects.has(subjectOf(path)) ? [] : [whole('fixture-removed', path, movedTo)]
    if (lines === null) return [whole('fixture-changed', path)]
    const [first] = withoutMoved([file]).flatMap(({ left }) => left.removed)
    return first ? [found('fixture-changed', path, first)] : []
  })
}
