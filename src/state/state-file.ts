import { createHash } from 'node:crypto'
import { copyFile, link, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { shellWord } from '../core/text.ts'
import { durableWrite, refuseOutside, unwritable } from '../files/durable-write.ts'
import { readRegular } from '../files/read-regular.ts'
import { fromVersion1 } from './migrate.ts'
import { type RunState, runState, stateVersion } from './schema.ts'

export type LoadedState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loaded'; readonly state: RunState }
  /** The file is left as it is. `reason` is one sentence and names the backup if that is valid. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly reason: string }

export function statePath(folder: string): string {
  return join(folder, 'orchestrator-run-state.json')
}

/** `folder` is `.kittify`. */
export async function loadRunState(folder: string): Promise<LoadedState> {
  const path = statePath(folder)
  const backupFile = backupPath(folder)
  const read = readState(path)
  if (read.kind === 'loaded') return read
  const backup = readState(backupFile)
  if (backup.kind !== 'loaded') return read
  // Only a loss leaves a backup without its file, and the second save of a new run would overwrite the backup.
  const wrong = read.kind === 'none' ? 'it is gone' : read.reason
  const command = `mv ${shellWord(backupFile)} ${shellWord(path)}`
  const reason = `${wrong}; the state saved before it is intact: ${command}`
  return { kind: 'unreadable', path, reason }
}

/** Keeps the current file as `.bak`, then replaces it. */
export async function saveRunState(folder: string, state: RunState): Promise<void> {
  await keepBackup(folder)
  await durableWrite(statePath(folder), formatState(state), folder)
}

/** The checksum detects a flipped bit inside a string, which is still valid JSON of the right shape. */
export function formatState(state: RunState): string {
  return `${JSON.stringify({ ...state, checksum: checksum(state) }, null, 2)}\n`
}

function readState(path: string): LoadedState {
  try {
    refuseOutside(path, dirname(path))
    return parseState(path, readRegular(path))
  } catch (error) {
    if (isCode(error, 'ENOENT')) return { kind: 'none' }
    return { kind: 'unreadable', path, reason: error instanceof Error ? error.message : String(error) }
  }
}

/** Refuses anything that differs from what was written. */
export function parseState(path: string, bytes: Uint8Array): LoadedState {
  const unreadable = (reason: string): LoadedState => ({ kind: 'unreadable', path, reason })
  const file = parseJson(bytes)
  if (file === null) return unreadable('it is not a JSON object, so it was cut off or overwritten')
  const { checksum: stored, ...content } = file
  if (typeof content.version === 'number' && content.version > stateVersion) {
    return unreadable(`a newer sko wrote it (state version ${content.version}, this one reads ${stateVersion})`)
  }
  if (content.version !== stateVersion && content.version !== 1) {
    return unreadable(`its state version is unknown (this sko reads ${stateVersion})`)
  }
  if (stored !== checksum(content)) return unreadable('its checksum is wrong, so it was damaged or edited')
  const parsed = runState.safeParse(content.version === 1 ? fromVersion1(content) : content)
  if (parsed.success) return { kind: 'loaded', state: parsed.data }
  return unreadable(z.prettifyError(parsed.error).replace(/\s+/g, ' '))
}

/** null: not JSON, not UTF-8, or not an object. */
function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return z.record(z.string(), z.unknown()).parse(JSON.parse(text))
  } catch {
    return null
  }
}

function checksum(content: object): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
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
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    if (!isCode(error, 'ENOENT')) throw unwritable(backup, error)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
