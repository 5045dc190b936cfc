import { rmSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { whyNoRoom } from '../../files/room.ts'
import type { Combining, Layout } from '../../run/gate/combining.ts'
import { asValue } from '../as-value.ts'
import { gitOrThrow } from '../git.ts'
import { GitError } from '../git-error.ts'
import { remembered } from '../history/remembered.ts'
import { treeChanges } from '../kept/tree-changes.ts'
import { withFilesOf } from './base-files.ts'
import { combine, commitOf, conflicts, difference } from './combine.ts'
import { bytesOf, copyIgnored, ignoredFiles } from './ignored-files.ts'
import { makeScratchProject, removeScratchProjects } from './scratch-project.ts'

/** The `combining` port of one repository. */
export function createCombining(repoRoot: string, changes = remembered(treeChanges)): Combining {
  const place = { repoRoot, changes }
  return {
    combine: asValue((target, lanes, isHostFile) => combine(place, target, lanes, isHostFile)),
    conflicts: asValue((ours, theirs, isHostFile) => conflicts(place, ours, theirs, isHostFile)),
    difference: asValue((a, b, isHostFile) => difference(place, a, b, isHostFile)),
    withFilesOf: asValue((base, head, isTaken) => withFilesOf(place, { base, head }, isTaken)),
    layOut: asValue(like => withDiskErrors(() => layOut(repoRoot, like))),
  }
}

async function layOut(repoRoot: string, like: string | null): Promise<Layout> {
  removeScratchProjects()
  const head = await gitOrThrow(repoRoot, ['rev-parse', 'HEAD'])
  const ignored = like === null ? [] : await ignoredFiles(like)
  const scratch = await makeScratchProject(repoRoot, head.trim().length)
  try {
    await refuseWithoutRoom(scratch.path, await bytesNeeded(repoRoot, like, ignored))
    if (like !== null) await copyIgnored(like, scratch.path, ignored)
  } catch (error) {
    scratch.remove()
    throw error
  }
  return {
    path: scratch.path,
    checkOut: asValue(merged =>
      withDiskErrors(async () => {
        const commit = await commitOf(repoRoot, merged)
        // Of a check that was ended while it used git.
        rmSync(join(scratch.gitDir, 'index.lock'), { force: true })
        await scratch.git(['checkout', '--quiet', '--force', '--detach', commit])
        await scratch.git(['clean', '-ffdq'])
      }),
    ),
    whyNoRoom: asValue(() => whyNoRoom(scratch.path)),
    remove: scratch.remove,
  }
}

async function bytesNeeded(repoRoot: string, like: string | null, ignored: readonly string[]): Promise<number> {
  const files = await gitOrThrow(repoRoot, ['ls-tree', '-r', '-l', '-z', 'HEAD'])
  const sizes = files.split('\0').map(line => Number(/^\S+ blob \S+ +(\d+)\t/.exec(line)?.[1] ?? 0))
  let sum = sizes.reduce((total, size) => total + size, 0)
  for (const path of ignored) sum += await bytesOf(join(like ?? '', path))
  return sum
}

/** For what checks write. */
const roomBeside = 32 * 1024 * 1024

async function refuseWithoutRoom(path: string, needed: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(path)
  const free = bavail * bsize
  if (blocks === 0 || free >= needed + roomBeside) return
  throw new GitError(
    `${dirname(dirname(path))} has ${inMb(free)} free, and the files to check need ${inMb(needed + roomBeside)}: free some, or set TMPDIR to a folder with more`,
  )
}

function inMb(bytes: number): string {
  return `${Math.ceil(bytes / (1024 * 1024))} MB`
}

/** A folder that cannot be written is no bug of ours. */
async function withDiskErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof GitError || !(error instanceof Error && 'code' in error)) throw error
    throw new GitError(`the files to check cannot be laid out: ${error.message}`)
  }
}
