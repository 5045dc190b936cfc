import { quote } from '../../text.ts'
import type { ChangedLine } from './changed-line.ts'
import type { Dilution, DilutionKind } from './dilution.ts'

/** With the path as git has it. */
export interface Found {
  readonly path: string
  readonly dilution: Dilution
}

const longestExcerpt = 120

export function found(kind: DilutionKind, path: string, { line, text }: ChangedLine): Found {
  return { path, dilution: { kind, file: shown(path), line, excerpt: excerptOf(text) } }
}

/** About the whole file. `now`: where it is. */
export function whole(kind: DilutionKind, path: string, now: string | null = null): Found {
  return { path, dilution: { kind, file: shown(path), line: null, excerpt: now === null ? '' : `now ${shown(now)}` } }
}

/** Text of the work that is quoted between back quotes. */
function excerptOf(text: string): string {
  return quote(text, longestExcerpt).replaceAll('`', "'")
}

function shown(path: string): string {
  return quote(path).replaceAll('`', "'")
}
