import { constants } from 'node:fs'
import { type FileHandle, lstat, open } from 'node:fs/promises'
import { refuseOutside, unwritable } from './durable-write.ts'

/** A file as it was when we last wrote it. */
export interface FileSeen {
  readonly dev: number
  readonly ino: number
  readonly size: number
}

export async function fileSeen(path: string): Promise<FileSeen> {
  const { dev, ino, size } = await lstat(path)
  return { dev, ino, size }
}

const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Appends to the file, and syncs it. Returns false, and writes nothing, if it is not the file that was seen. If it
 * fails, the file may have a part of the text at its end, and nothing may be appended to it. `root` is `.kittify`:
 * nothing outside it is written.
 */
export async function durableAppend(path: string, text: string, seen: FileSeen, root: string): Promise<boolean> {
  try {
    refuseOutside(path, root)
    const file = await open(path, flags).catch(() => null)
    if (file === null) return false
    try {
      const { dev, ino, size } = await file.stat()
      if (dev !== seen.dev || ino !== seen.ino || size !== seen.size) return false
      await writeOrCutBack(file, text, size)
      return true
    } finally {
      await file.close()
    }
  } catch (error) {
    throw unwritable(path, error)
  }
}

async function writeOrCutBack(file: FileHandle, text: string, size: number): Promise<void> {
  try {
    await file.writeFile(text)
    await file.datasync()
  } catch (error) {
    await file.truncate(size).catch(() => undefined)
    throw error
  }
}
