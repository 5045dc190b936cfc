import type { WpId } from '../ids.ts'

/** A file of the reviewed commit, or one that was there before the reviewed work. */
export interface FileLines {
  /** Its path relative to the worktree, as git has it. */
  readonly path: string
  /** How many lines it has; null: it is not there. */
  readonly now: number | null
  readonly before: number | null
}

/** By each path that could be meant: see `pathsMeantBy`. A path without an entry exists nowhere. */
export type KnownFiles = ReadonlyMap<string, FileLines>

export interface Place {
  readonly file: string | null
  readonly line: number | null
}

export interface Surroundings {
  readonly wpId: WpId
  /** The path of the lane worktree. */
  readonly worktree: string
  readonly files: KnownFiles
}

export type Found =
  /** `file` is relative to the worktree, or the WP id. `now`: the line is in the reviewed commit, not only before it. */
  | { readonly ok: true; readonly file: string; readonly now: boolean }
  /** A clause for the reviewer. */
  | { readonly ok: false; readonly why: string }

/**
 * Whether a finding is about something that exists. A whole file, without a line, is a place. So is the work package itself,
 * by its id: what it asks for may be missing altogether.
 */
export function findPlace({ file, line }: Place, { wpId, worktree, files }: Surroundings): Found {
  if (file === null || file.trim() === '') return { ok: false, why: 'names no file' }
  const known = pathsMeantBy(file, worktree).flatMap(path => files.get(path) ?? [])
  const withLine = known.find(({ now, before }) => hasLine(now, line) || hasLine(before, line))
  if (withLine) return { ok: true, file: withLine.path, now: hasLine(withLine.now, line) }
  if (file.trim() === wpId) return { ok: true, file: wpId, now: true }
  const [first] = known
  if (!first) return { ok: false, why: `names ${file}, which is no file of the reviewed commit` }
  return { ok: false, why: `names line ${line} of ${file}, which has ${first.now ?? first.before} lines` }
}

function hasLine(lines: number | null, line: number | null): boolean {
  return lines !== null && (line === null || (line >= 1 && line <= lines))
}

/** No file system has longer paths, and a command takes only so much. */
const longestPath = 4096

/** Paths relative to the worktree that a reviewer may mean, most likely first; none outside the worktree. */
export function pathsMeantBy(file: string, worktree: string): readonly string[] {
  const given = file.trim()
  const spellings = [given, given.replaceAll('\\', '/')]
  const root = worktree.replaceAll('\\', '/').replace(/\/$/, '')
  return [...new Set(spellings.flatMap(spelling => inside(spelling, root) ?? []))]
}

function inside(path: string, root: string): string | null {
  const isAbsolute = /^(?:\/|[A-Za-z]:\/)/.test(path)
  if (isAbsolute && !path.startsWith(`${root}/`)) return null
  const parts: string[] = []
  for (const part of (isAbsolute ? path.slice(root.length) : path).split('/')) {
    if (part === '..' && parts.pop() === undefined) return null
    if (part !== '' && part !== '.' && part !== '..') parts.push(part)
  }
  const clean = parts.join('/')
  return clean === '' || clean.length > longestPath || clean.includes('\0') ? null : clean
}
