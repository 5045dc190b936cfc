import type { TreeChange } from '../../work-package/lost.ts'
import { checkDilutions } from './check-dilutions.ts'
import { type Dilution, dilutionKinds } from './dilution.ts'
import { type FileChange, fileChanges } from './file-change.ts'
import { type FileRole, fileRole } from './file-role.ts'
import { fixtureDilutions } from './fixture-dilutions.ts'
import { whole } from './found.ts'
import { readPatch } from './read-patch.ts'
import { suppressionDilutions } from './suppression-dilutions.ts'
import { testDilutions } from './test-dilutions.ts'

/** The most files whose lines are read, and the most dilutions that are kept. */
const mostRead = 500
const mostKept = 100

const order: readonly FileRole[] = ['test', 'check', 'mixed', 'fixture', 'code']
const picture = /\.(?:png|jpe?g|gif|bin|dat|pb|ico|webp|pdf|zip|gz)$/i

/** The changed files whose lines say whether tests and checks are weaker, the most telling first. `commands`: `checks.run`. */
export function pathsToRead(changes: readonly TreeChange[], commands: readonly string[]): readonly string[] {
  const roles = changes
    .filter(({ mode, path }) => mode !== '160000' && !picture.test(path))
    .map(({ path }) => ({ path, rank: order.findIndex(role => role === fileRole(path, commands)) }))
  return roles
    .filter(({ rank }) => rank >= 0)
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ path }) => path)
    .slice(0, mostRead)
}

export interface Difference {
  readonly changes: readonly TreeChange[]
  /** `git diff --unified=0` of `pathsToRead`. */
  readonly patch: { readonly text: string; readonly cut: boolean }
}

/** What in a difference may make tests or checks say less, one for each kind and file. */
export function findDilutions({ changes, patch }: Difference, commands: readonly string[]): readonly Dilution[] {
  const files = fileChanges(
    changes.filter(({ mode }) => mode !== '160000'),
    readPatch(patch),
  )
  const withRole =
    (...roles: readonly FileRole[]) =>
    (file: FileChange) =>
      roles.some(role => role === fileRole(file.path, commands))
  const code = files.filter(withRole('code'))
  const removedCode = code.filter(({ kind, movedTo }) => kind === 'removed' && movedTo === null)
  const tests = files.filter(withRole('test'))
  const unread = files.filter(
    file => file.lines === null && file.kind !== 'removed' && withRole('test', 'check', 'mixed', 'code')(file),
  )
  const all = [
    ...testDilutions([...tests, ...code.filter(hasTests)], removedCode),
    ...checkDilutions(files.filter(withRole('check', 'mixed')), commands),
    ...fixtureDilutions(files.filter(withRole('fixture')), removedCode),
    ...suppressionDilutions([...tests, ...code]),
    ...unread.map(({ path }) => whole('not-read', path)),
  ].map(({ dilution }) => dilution)
  const sorted = all.toSorted((a, b) => dilutionKinds.indexOf(a.kind) - dilutionKinds.indexOf(b.kind))
  const over = sorted.length - mostKept
  const rest: Dilution = { kind: 'others', file: `${over} more`, line: null, excerpt: '' }
  return over > 0 ? [...sorted.slice(0, mostKept), rest] : sorted
}

/** In Rust, tests are beside the code. */
function hasTests({ path, kind }: FileChange): boolean {
  return kind !== 'removed' && path.endsWith('.rs')
}
