import { closeSync, constants, fstatSync, ftruncateSync, openSync } from 'node:fs'

/** A look costs microseconds, and `yes` prints 350 MB a second. */
const lookMs = 250

export interface LogSize {
  /** Of all logs together, in bytes; of one that was not there at the beginning nothing is known. */
  bytes(): number
  isOver(): boolean
  stop(): void
}

/** Calls once when the logs together are larger than this. By descriptor: removing a log frees no disk while it is written. */
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
 * Cuts what a stopped program printed beyond this: between two looks, and until it heard TERM, that can be gigabytes.
 * Only a log of its own is cut. An agent may have put a link there, or a second name of a file of the user's.
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

/** An agent may have put a pipe there, on which opening would wait for a writer. */
function openIfThere(file: string, flags = constants.O_RDONLY): readonly number[] {
  try {
    return [openSync(file, flags | constants.O_NONBLOCK)]
  } catch {
    return []
  }
}
