import type { FileChange } from './file-change.ts'
import { type Found, found } from './found.ts'
import { languageOf } from './languages.ts'
import { withoutMoved } from './moved-lines.ts'

/** Files in which more findings of checkers are suppressed than before. One that moved with its code is not new. */
export function suppressionDilutions(files: readonly FileChange[]): readonly Found[] {
  return withoutMoved(files).flatMap(({ file, left }) => {
    const suppression = languageOf(file.path)?.suppression
    if (suppression === undefined) return []
    const more = left.added.filter(({ text }) => suppression.test(text))
    const fewer = left.removed.filter(({ text }) => suppression.test(text))
    const [first] = more
    return first && more.length > fewer.length ? [found('suppression-added', file.path, first)] : []
  })
}
