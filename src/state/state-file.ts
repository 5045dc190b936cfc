import { copyFile, link, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shellWord } from '../core/text.ts'
import { durableWrite, refuseOutside, unwritable } from '../files/durable-write.ts'
import { readRegular } from '../files/read-regular.ts'
import { type Formatted, formatState, parseState } from './saving/state-text.ts'
import type { RunState } from './schema.ts'

export type LoadedState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly state: RunState }
  /** The file is left as it is. `reason` is one sentence and names what restores an earlier state, if there is one. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }

export function statePath(folder: string): string {
  return join(folder, 'orchestrator-run-state.json')
}

/** `folder` is `.kittify`. A run may be saving at the same time: then the state is one of its last ones. */
export async function loadRunState(folder: string): Promise<LoadedState> {
  const path = statePath(folder)
  const read = readState(path)
  if (read.kind === 'loaded') return read
  // Only a loss leaves a backup without its file, and the second save of a new run would overwrite the backup.
  const wrong = read.kind === 'none' ? 'it is gone' : read.reason
  const unreadable = (cure: string) => ({ kind: 'unreadable', path, reason: `${wrong}; ${cure}` }) as const
  const intactLines = read.kind === 'unreadable' ? read.intactLines : null
  if (intactLines !== null) return unreadable(`the state up to there is intact: ${keepLines(path, intactLines)}`)
  const backup = backupPath(folder)
  if (readState(backup).kind === 'loaded') {
    return unreadable(`an earlier state is intact: mv ${shellWord(backup)} ${shellWord(path)}`)
  }
  return read.kind === 'none' ? read : { kind: 'unreadable', path, reason: wrong }
}

/** Keeps the current file as `.bak`, then replaces it. */
export async function saveRunState(folder: string, state: RunState): Promise<Formatted> {
  const formatted = formatState(state)
  await keepBackup(folder)
  await durableWrite(statePath(folder), formatted.text, folder)
  return formatted
}

type ReadState = { readonly kind: 'none' } | ReturnType<typeof parseState>

function readState(path: string): ReadState {
  try {
    refuseOutside(path, dirname(path))
    return parseState(readRegular(path))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { kind: 'none' }
    return { kind: 'unreadable', reason: error instanceof Error ? error.message : String(error), intactLines: null }
  }
}

function keepLines(path: string, count: number): string {
  const intact = shellWord(`${path}.intact`)
  return `(umask 077; head -n ${count} ${shellWord(path)} >${intact}) && mv ${intact} ${shellWord(path)}`
}

function backupPath(folder: string): string {
  return `${statePath(folder)}.bak`
}

/** A hard link to the same file, put in place by rename, so a complete backup exists at every moment. */
async function keepBackup(folder: string): Promise<void> {
  const path = statePath(folder)
  const backup = backupPath(folder)
  const temporary = `${backup}.tmp`
  try {
    refuseOutside(backup, folder)
    await rm(temporary, { force: true })
    // Not every file system supports links.
    await link(path, temporary).catch(() => copyFile(path, temporary))
    await rename(temporary, backup)
    // If the backup was the same file, the rename did nothing.
    await rm(temporary, { force: true })
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    if (!isCode(error, 'ENOENT')) throw unwritable(backup, error)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
