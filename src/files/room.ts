import { statfs } from 'node:fs/promises'

/** Enough for a git index, a lock or a log; with less, nothing useful can be written. */
const leastBytes = 1024 * 1024

/**
 * Why nothing can be written below `path`, according to its file system, which does not report quotas. null: there is
 * space.
 */
export async function whyNoRoom(path: string): Promise<string | null> {
  const found = await statfs(path).catch(() => null)
  return found && whyFull(path, found)
}

export interface Room {
  readonly blocks: number
  /** Free blocks for unprivileged users. */
  readonly bavail: number
  readonly bsize: number
  readonly files: number
  readonly ffree: number
}

/** Some file systems report no blocks, others no files. */
export function whyFull(path: string, { blocks, bavail, bsize, files, ffree }: Room): string | null {
  const free = bavail * bsize
  if (blocks > 0 && free < leastBytes) return `the file system of ${path} is full (${Math.max(0, free)} bytes are free)`
  if (files > 0 && ffree <= 0) return `the file system of ${path} is full (it can hold no more files)`
  return null
}
