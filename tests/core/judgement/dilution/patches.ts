import type { Dilution } from '../../../../src/core/judgement/dilution/dilution.ts'
import { findDilutions } from '../../../../src/core/judgement/dilution/find-dilutions.ts'
import type { TreeChange } from '../../../../src/core/work-package/lost.ts'

/** A file before and after; null: it is not there. */
export type Versions = readonly [path: string, before: string | null, after: string | null]

/** As git reports a rename: the old path, and the lines that changed on the way. */
interface Renamed {
  readonly from: string
  readonly to: string
  readonly removed?: string
  readonly added?: string
}

const lines = (text: string | null) => (text === null || text === '' ? [] : text.split('\n'))

/** What `git diff --unified=0` prints, with all lines of a file in one hunk but those that are the same at both ends. */
function section([path, before, after]: Versions): string {
  const [was, is] = [lines(before), lines(after)]
  let start = 0
  while (start < Math.min(was.length, is.length) && was[start] === is[start]) start += 1
  let end = 0
  while (end < Math.min(was.length, is.length) - start && was.at(-1 - end) === is.at(-1 - end)) end += 1
  const [gone, come] = [was.slice(start, was.length - end), is.slice(start, is.length - end)]
  const kind = before === null ? ['new file mode 100644'] : after === null ? ['deleted file mode 100644'] : []
  const body = [...gone.map(line => `-${line}`), ...come.map(line => `+${line}`)]
  const hunk = `@@ -${start + 1},${gone.length} +${come.length === 0 ? start : start + 1},${come.length} @@`
  const names = [
    `--- ${before === null ? '/dev/null' : `a/${path}`}`,
    `+++ ${after === null ? '/dev/null' : `b/${path}`}`,
  ]
  return [`diff --git a/${path} b/${path}`, ...kind, ...(body.length > 0 ? [...names, hunk, ...body] : [])].join('\n')
}

function renamedSection({ from, to, removed = '', added = '' }: Renamed): string {
  const body = [...lines(removed).map(line => `-${line}`), ...lines(added).map(line => `+${line}`)]
  const head = [`diff --git a/${from} b/${to}`, 'similarity index 90%', `rename from ${from}`, `rename to ${to}`]
  return [...head, ...(body.length > 0 ? [`--- a/${from}`, `+++ b/${to}`, '@@ -1,1 +1,1 @@', ...body] : [])].join('\n')
}

export function change(path: string, kind: TreeChange['kind'], content = path): TreeChange {
  const none = '0'.repeat(40)
  const before = kind === 'added' ? none : `before ${content}`
  const after = kind === 'removed' ? none : kind === 'added' ? `before ${content}` : `after ${content}`
  return { path, kind, mode: '100644', before, after }
}

function kindOf([, before, after]: Versions): TreeChange['kind'] {
  return before === null ? 'added' : after === null ? 'removed' : 'modified'
}

/** What is found in the difference between these files. */
export function dilutionsOf(
  files: readonly Versions[],
  {
    renamed = [],
    commands = [],
  }: { readonly renamed?: readonly Renamed[]; readonly commands?: readonly string[] } = {},
): readonly Dilution[] {
  const text = [...files.map(section), ...renamed.map(renamedSection)].join('\n')
  const changes = [
    ...files.map(file => change(file[0], kindOf(file))),
    ...renamed.flatMap(({ from, to }) => [change(from, 'removed'), change(to, 'added')]),
  ]
  return findDilutions({ changes, patch: { text: `${text}\n`, cut: false } }, commands)
}

/** Each in short: `kind file:line`. */
export function inShort(dilutions: readonly Dilution[]): readonly string[] {
  return dilutions.map(({ kind, file, line }) => `${kind} ${file}${line === null ? '' : `:${line}`}`)
}
