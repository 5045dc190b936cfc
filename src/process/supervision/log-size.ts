import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs'

/** A check costs microseconds, and `yes` prints 350 MB a second. */
const lookMs = 250

export interface LogSize {
  /** The size of all logs together, in bytes; logs that were missing at the start do not count. */
  bytes(): number
  isOver(): boolean
  stop(): void
}

/**
 * Calls `onOver` once when the logs together are larger than this. Uses descriptors: a removed log still takes disk
 * space while it is written.
 */
export function watchLogSize(files: readonly string[], maxBytes: number, onOver: () => void): LogSize {
  const descriptors = files.flatMap(file => openIfThere(file))
  const bytes = () => descriptors.reduce((sum, descriptor) => sum + fstatSync(descriptor).size, 0)
  const isOver = () => bytes() > maxBytes
  const timer = setInterval(() => {
    if (!isOver()) return
    clearInterval(timer)
    onOver()
  }, lookMs)
  return {
    bytes,
    isOver,
    stop: () => {
      clearInterval(timer)
      for (const descriptor of descriptors) closeSync(descriptor)
    },
  }
}

/**
 * Truncates what a stopped program printed beyond the limit: between two checks, and until it reacted to TERM, that can
 * be gigabytes. Only truncates the log itself: an agent may have put a link there, or a hard link to a file of the
 * user's.
 */
export function cutLogs(files: readonly string[], maxBytes: number): void {
  for (const file of files) {
    for (const descriptor of openIfThere(file, constants.O_WRONLY | constants.O_NOFOLLOW)) {
      try {
        const found = fstatSync(descriptor)
        if (found.isFile() && found.nlink === 1 && found.size > maxBytes) ftruncateSync(descriptor, maxBytes)
      } finally {
        closeSync(descriptor)
      }
    }
  }
}

/** An agent may have put a pipe there, and opening one would wait for a writer. */
function openIfThere(file: string, flags = constants.O_RDONLY): readonly number[] {
  try {
    return [openSync(file, flags | constants.O_NONBLOCK)]
  } catch {
    return []
  }
}
