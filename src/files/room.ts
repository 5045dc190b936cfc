import { statfs } from 'node:fs/promises'

/** A git index, a lock or a log needs no more; where there is less, nothing of use can be written. */
const leastBytes = 1024 * 1024

/** Why nothing can be written below `path`, as far as its file system says so: a quota is not told. null: there is room. */
export async function whyNoRoom(path: string): Promise<string | null> {
  const found = await statfs(path).catch(() => null)
  return found && whyFull(path, found)
}

export interface Room {
  readonly blocks: number
  /** Blocks that are left to users without privileges. */
  readonly bavail: number
  readonly bsize: number
  readonly files: number
  readonly ffree: number
}

/** Some file systems count no blocks, some no files. */
export function whyFull(path: string, { blocks, bavail, bsize, files, ffree }: Room): string | null {
  const free = bavail * bsize
  if (blocks > 0 && free < leastBytes) return `the file system of ${path} is full (${Math.max(0, free)} bytes are free)`
  if (files > 0 && ffree <= 0) return `the file system of ${path} is full (it can hold no more files)`
  return null
}
