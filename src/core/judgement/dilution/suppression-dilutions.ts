import type { FileChange } from './file-change.ts'
import { type Found, found } from './found.ts'
import { languageOf } from './languages.ts'
import { withoutMoved } from './moved-lines.ts'

/** Files in which more findings of checkers are suppressed than before. One that moved with its code is not new. */
export function suppressionDilutions(files: readonly FileChange[]): readonly Found[] {
  const left = withoutMoved(files)
  return files.flatMap(file => {
    const suppression = languageOf(file.path)?.suppression
    const lines = left.get(file)
    if (suppression === undefined || lines === undefined) return []
    const more = lines.added.filter(({ text }) => suppression.test(text))
    const fewer = lines.removed.filter(({ text }) => suppression.test(text))
    const [first] = more
    return first && more.length > fewer.length ? [found('suppression-added', file.path, first)] : []
  })
}
