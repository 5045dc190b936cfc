import { existsSync, lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { continueAfterThat } from '../core/next-command.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'

/**
 * Replaces the whole file or leaves the old one, even if the disk is full or the power fails: writes a temporary file,
 * syncs it, renames it, and syncs the folder. Only one writer per path at a time. `root` is `.kittify`: nothing outside
 * it is written.
 */
export async function durableWrite(path: string, text: string, root: string, openFile = open): Promise<void> {
  const temporary = `${path}.tmp`
  try {
    refuseOutside(path, root)
    await rm(temporary, { force: true })
    // 'wx' does not follow a link that was put there meanwhile.
    const file = await openFile(temporary, 'wx', 0o600)
    try {
      await file.writeFile(text)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw unwritable(path, error)
  }
}

/** A rename is durable only after its folder is synced. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/**
 * Throws if the file or its folder is a link to a place outside `root`, or if `root` is a link to a folder of another
 * name.
 */
export function refuseOutside(path: string, root: string): void {
  const realRoot = realpathSync(root)
  if (basename(realRoot) !== basename(root)) throw new Error(`${root} is a link to ${realRoot}`)
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  const place = realpathSync(isLink ? path : dirname(path))
  const way = relative(realRoot, place)
  if (way.split(sep)[0] === '..') throw new Error(`it leads outside ${root}, to ${place}`)
}

/** Creates `folder` and missing folders above it, mode 0700, inside `root`, which must exist. */
export function makeFolder(folder: string, root: string): void {
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  try {
    refuseOutside(join(existing, 'entry'), root)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw unwritable(folder, error)
  }
}

/** A full disk or too many open files affects every file. */
const ofTheMachine = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE']

/** For the files of one attempt, which its agent can remove. */
export function attemptUnwritable(path: string, error: unknown): OrchestratorError {
  if (error instanceof OrchestratorError) return error
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (ofTheMachine.includes(code)) return unwritable(path, error)
  return new OrchestratorError({
    code: 'attempt-unwritable',
    exitCode: exitCodes.needsPerson,
    message: `cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'put its folder back, or move away what is in its place',
  })
}

export function unwritable(path: string, error: unknown): OrchestratorError {
  if (error instanceof OrchestratorError) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new OrchestratorError({
    code: 'state-unwritable',
    exitCode: exitCodes.needsPerson,
    message: `Cannot write ${path}: ${reason}`,
    hint: 'make room or make the folder writable; the state before this write is intact',
    next: [continueAfterThat],
  })
}
