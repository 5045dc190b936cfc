import type { ChangedLine } from './changed-line.ts'

export interface PatchedFile {
  readonly path: string
  /** Its path before, if git found that it was renamed. */
  readonly from: string | null
  readonly removed: readonly ChangedLine[]
  readonly added: readonly ChangedLine[]
}

interface Section {
  path: string | null
  from: string | null
  readonly removed: ChangedLine[]
  readonly added: ChangedLine[]
}

const start = 'diff --git '

/**
 * Reads what `git diff --unified=0` prints. In a hunk each line begins with a sign, so a file begins where a line begins
 * with `diff --git`. `cut`: the text ends early, and its last file is left out.
 */
export function readPatch({ text, cut }: { readonly text: string; readonly cut: boolean }): readonly PatchedFile[] {
  const sections: Section[] = []
  /** The line in the new file; null outside a hunk. */
  let at: number | null = null
  for (const line of text.split('\n')) {
    const section = sections.at(-1)
    if (line.startsWith(start)) {
      sections.push({ path: sameName(line.slice(start.length)), from: null, removed: [], added: [] })
      at = null
    } else if (section === undefined) continue
    else if (line.startsWith('@@ ')) {
      at = startOf(line)
    } else if (at === null) readHeader(section, line)
    else if (line.startsWith('-')) section.removed.push({ line: Math.max(1, at), text: line.slice(1) })
    else if (line.startsWith('+')) {
      section.added.push({ line: at, text: line.slice(1) })
      at += 1
    }
  }
  const whole = cut ? sections.slice(0, -1) : sections
  return whole.flatMap(({ path, ...rest }) => (path === null ? [] : [{ path, ...rest }]))
}

function startOf(hunk: string): number {
  return Number.parseInt(hunk.slice(hunk.indexOf('+')), 10)
}

const headers = ['rename from ', 'rename to ', '--- ', '+++ ']

function readHeader(section: Section, line: string): void {
  const word = headers.find(header => line.startsWith(header))
  if (word === undefined) return
  // git ends a name that has blanks with a tab; a tab in a name is quoted.
  const name = unquoted(line.slice(word.length).replace('\t', ''))
  if (word === 'rename from ') section.from = name
  else if (word === 'rename to ') section.path = name
  else if (name !== '/dev/null') section.path = name.slice(2)
}

/** The name in `a/name b/name`; null where the two differ, and other lines name them. */
function sameName(names: string): string | null {
  const half = (names.length - 1) / 2
  const [a, b] = [unquoted(names.slice(0, half)), unquoted(names.slice(half + 1))]
  return Number.isInteger(half) && a.slice(2) === b.slice(2) ? a.slice(2) : null
}

const escapes: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 }

/** A name as git quotes it where it has unusual characters: their bytes in octal. */
function unquoted(name: string): string {
  if (!name.startsWith('"')) return name
  const bytes = [...name.slice(1, -1).matchAll(/\\([0-7]{3})|\\(.)|(.)/gu)].flatMap(([, octal, sign, plain]) => {
    if (octal !== undefined) return [Number.parseInt(octal, 8)]
    if (sign !== undefined && escapes[sign] !== undefined) return [escapes[sign]]
    return [...new TextEncoder().encode(sign ?? plain ?? '')]
  })
  return new TextDecoder().decode(new Uint8Array(bytes))
}
