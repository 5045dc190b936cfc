import { readdirSync, readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { findDilutions } from '../../../../src/core/judgement/dilution/find-dilutions.ts'
import type { TreeChange } from '../../../../src/core/work-package/lost.ts'

const folder = new URL('../../../../fixtures/honest-edits/', import.meta.url)
const names = readdirSync(folder).filter(name => name.endsWith('.diff'))

/** The changed files, as a patch with whole object ids tells them. */
function changesIn(patch: string): readonly TreeChange[] {
  return patch.split(/^diff --git /m).flatMap((section): readonly TreeChange[] => {
    const [, from = '', to = ''] = /^a\/(.+) b\/(.+)$/m.exec(section) ?? []
    const [, before = 'same', after = 'same'] = /^index ([0-9a-f]+)\.\.([0-9a-f]+)/m.exec(section) ?? []
    const of = (path: string, kind: TreeChange['kind']): TreeChange => ({ path, kind, before, after, mode: '100644' })
    if (from === '') return []
    if (from !== to) return [of(from, 'removed'), of(to, 'added')]
    const kind = section.includes('\nnew file ')
      ? 'added'
      : section.includes('\ndeleted file ')
        ? 'removed'
        : 'modified'
    return [of(from, kind)]
  })
}

it('there are more than twenty', () => {
  expect(names.length).toBeGreaterThan(20)
})

it.each(names)('%s is no question', name => {
  const text = readFileSync(new URL(name, folder), 'utf8')
  const changes = changesIn(text)
  expect(changes.length).toBeGreaterThan(0)
  expect(findDilutions({ changes, patch: { text, cut: false } }, ['npm test', 'npm run lint'])).toEqual([])
})
