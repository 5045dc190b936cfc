import { randomUUID } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ProcessIdentity } from '../core/work-package/work-package.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import { refuseOutside, unwritable } from '../files/durable-write.ts'
import { isAlive } from '../process/table/identity.ts'
import { openLivenessPipe } from './liveness-pipe.ts'
import {
  isForeign,
  type LockOwner,
  type LockRecord,
  livingOwner,
  newLockRecord,
  readLockRecord,
} from './lock-record.ts'

export type LockResult =
  | { readonly kind: 'acquired'; release(): void }
  | { readonly kind: 'held'; readonly owner: LockOwner }

/**
 * One orchestrator per repository, on a local disk. Files `orchestrator.lock.<n>`: the highest number decides and is
 * never deleted, so numbers never decrease, and a late process cannot take a number that was won and cleared away.
 * Unlinking a dead owner's lock and making a new one gave two owners in 187 of 1000 tries; this method in none of 3000.
 * Beside it, `orchestrator.lock.<n>.alive` tells other pid namespaces that the owner is alive.
 */
export function acquireRunLock(
  folder: string,
  self: ProcessIdentity,
  meta: { readonly runId: string },
  link: typeof linkSync = linkSync,
): LockResult {
  const mine = newLockRecord(self, meta.runId)
  const temporary = join(folder, `orchestrator.lock-${randomUUID()}`)
  try {
    refuseOutside(temporary, folder)
    for (;;) {
      const { generation, owner } = readHighest(folder)
      if (owner !== null) return { kind: 'held', owner }
      if (!Number.isSafeInteger(generation + 1)) throw unusable(lockPath(folder, generation), 'its number is the last')
      if (!existsSync(temporary)) writeSynced(temporary, JSON.stringify(mine))
      if (!claim(folder, temporary, generation + 1, link)) continue
      return { kind: 'acquired', release: own(folder, generation + 1, mine, temporary) }
    }
  } catch (error) {
    throw unwritable(join(folder, 'orchestrator.lock'), error)
  } finally {
    rmSync(temporary, { force: true })
  }
}

/** The living owner, if there is one. */
export function readRunLock(folder: string): LockOwner | null {
  try {
    return readHighest(folder).owner
  } catch (error) {
    throw unwritable(join(folder, 'orchestrator.lock'), error)
  }
}

/** True if the number is ours: no process was faster, and none has passed it since we looked. */
function claim(folder: string, temporary: string, generation: number, link: typeof linkSync): boolean {
  try {
    link(temporary, lockPath(folder, generation))
  } catch (error) {
    // ENOENT: we were stopped for so long that another process took our file for a leftover.
    if (isCode(error, 'EEXIST') || isCode(error, 'ENOENT')) return false
    if (linkless.some(code => isCode(error, code))) throw noLinks(folder)
    throw error
  }
  const all = generations(folder)
  const won = all.at(-1) === generation
  for (const other of won ? all.slice(0, -1) : [generation]) rmSync(lockPath(folder, other), { force: true })
  return won
}

/** Errors of link(2) on file systems without hard links, such as exFAT or a folder shared with a virtual machine. */
const linkless = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'] as const

function noLinks(folder: string): OrchestratorError {
  return new OrchestratorError({
    code: 'no-hard-links',
    exitCode: exitCodes.needsPerson,
    message: `The file system of ${folder} has no hard links, without which two runs cannot be kept apart.`,
    hint: 'Clone the project onto a local file system that has them, such as ext4, APFS or NTFS, and run it there.',
  })
}

/** Takes ownership after winning. Returns a function that releases the lock. */
function own(folder: string, generation: number, mine: LockRecord, temporary: string): () => void {
  const path = lockPath(folder, generation)
  clearLeftovers(folder, generation)
  rmSync(temporary, { force: true })
  const sign = openLivenessPipe(`${path}.alive`, temporary)
  return () => {
    // If the lock cannot be marked as released, our exit still frees it.
    try {
      // The folder was removed meanwhile, and the current one belongs to another process.
      if (!isDeepStrictEqual(readLockRecord(path), mine)) return
      rmSync(`${path}.released`, { force: true })
      writeSynced(`${path}.released`, JSON.stringify({ ...mine, released: true }))
      renameSync(`${path}.released`, path)
      sign.end()
    } catch {}
  }
}

/** What killed processes left: files that were never linked, release marks that were never put in place. */
function clearLeftovers(folder: string, generation: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    const beside = Number(/^orchestrator\.lock\.(\d+)\.(?:released|alive)$/.exec(name)?.[1])
    const unlinked = /^orchestrator\.lock-[\da-f-]{36}$/.test(name)
    if (!(beside < generation || (unlinked && isLeftover(path)))) continue
    // Something that cannot be removed, such as a folder, does no harm.
    try {
      rmSync(path, { force: true })
    } catch {}
  }
}

/** An unreadable file may be in the making for a minute. */
function isLeftover(path: string): boolean {
  try {
    const record = readLockRecord(path)
    if (record !== null && !isForeign(record)) return !isAlive(record)
  } catch {}
  try {
    return Date.now() - lstatSync(path).mtimeMs > 60_000
  } catch {
    return false
  }
}

function unusable(path: string, why: string): OrchestratorError {
  return new OrchestratorError({
    code: 'lock-unusable',
    exitCode: exitCodes.needsPerson,
    message: `The lock ${path} cannot be used: ${why}`,
    hint: `Make sure that no sko is running here, then remove ${path}.`,
  })
}

/** `owner` is null if there was none, if it ended or released the lock, or if the file is unreadable. */
function readHighest(folder: string): { readonly generation: number; readonly owner: LockOwner | null } {
  const generation = generations(folder).at(-1)
  if (generation === undefined) return { generation: 0, owner: null }
  const path = lockPath(folder, generation)
  try {
    return { generation, owner: livingOwner(path, readLockRecord(path)) }
  } catch (error) {
    // Cleared away by the winner of the next number.
    if (isCode(error, 'ENOENT') && generations(folder).at(-1) !== generation) return readHighest(folder)
    // Its owner may be alive.
    throw unusable(path, error instanceof Error ? error.message : String(error))
  }
}

/** Ascending. */
function generations(folder: string): readonly number[] {
  if (!existsSync(folder)) return []
  const numbers = readdirSync(folder).map(name => Number(/^orchestrator\.lock\.([1-9]\d*)$/.exec(name)?.[1]))
  return numbers.filter(Number.isSafeInteger).sort((a, b) => a - b)
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `orchestrator.lock.${generation}`)
}

function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, 'wx', 0o600)
  try {
    writeFileSync(descriptor, text)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
