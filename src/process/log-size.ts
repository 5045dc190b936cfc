import { closeSync, constants, fstatSync, openSync } from 'node:fs'

/** Far below a second to write what fills a disk, but a second's worth of it does not. */
const lookMs = 1000

export interface LogSize {
  isOver(): boolean
  stop(): void
}

/** Calls once when the logs together are larger than this. By descriptor: removing a log frees no disk while it is written. */
export function watchLogSize(files: readonly string[], maxBytes: number, onOver: () => void): LogSize {
  const descriptors = files.flatMap(openIfThere)
  const isOver = () => descriptors.reduce((sum, descriptor) => sum + fstatSync(descriptor).size, 0) > maxBytes
  const timer = setInterval(() => {
    if (!isOver()) return
    clearInterval(timer)
    onOver()
  }, lookMs)
  return {
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
