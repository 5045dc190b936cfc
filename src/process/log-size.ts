import { closeSync, constants, fstatSync, openSync } from 'node:fs'

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
  const descriptors = files.flatMap(openIfThere)
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

/** An agent may have put a pipe there, on which opening would wait for a writer. */
function openIfThere(file: string): readonly number[] {
  try {
    return [openSync(file, constants.O_RDONLY | constants.O_NONBLOCK)]
  } catch {
    return []
  }
}
