import { closeSync, constants, fstatSync, ftruncateSync, lstatSync, openSync, readSync } from 'node:fs'
import { appendPrivate } from './write-private.ts'

/**
 * Appends whole lines at once, to a file that only the user can read, so that kill -9 loses none. A line that a full
 * disk cut short is removed again. A partial line from a power failure stays as a line of its own.
 */
export function appendLines(file: string, lines: string, append = appendPrivate): void {
  const before = lstatSync(file, { throwIfNoEntry: false })?.size ?? 0
  try {
    append(file, `${endsLine(file) ? '' : '\n'}${lines}`)
  } catch (error) {
    cutBack(file, before)
    throw new Error(`cannot write ${file}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

/** Also true if the file is missing or cannot be read. */
function endsLine(file: string): boolean {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const { size } = fstatSync(descriptor)
      const last = Buffer.from('\n')
      readSync(descriptor, last, 0, 1, Math.max(0, size - 1))
      return last.toString() === '\n'
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return true
  }
}

/** Does not follow links: an agent can put one there, and one of the user's files would be truncated. */
function cutBack(file: string, size: number): void {
  try {
    const descriptor = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
    try {
      const now = fstatSync(descriptor)
      if (now.isFile() && now.size > size) ftruncateSync(descriptor, size)
    } finally {
      closeSync(descriptor)
    }
  } catch {}
}
