import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

export interface FilePart {
  readonly text: string
  /** There is more of the file. */
  readonly cut: boolean
}

/** The last bytes of a log, at most so many. */
export function tail(file: string, bytes: number): FilePart {
  return readPart(file, bytes, size => Math.max(0, size - bytes))
}

export function head(file: string, bytes: number): FilePart {
  return readPart(file, bytes, () => 0)
}

function readPart(file: string, bytes: number, from: (size: number) => number): FilePart {
  try {
    const descriptor = openSync(file, 'r')
    try {
      const { size } = fstatSync(descriptor)
      const buffer = Buffer.alloc(Math.min(size, bytes))
      const read = readSync(descriptor, buffer, 0, buffer.length, from(size))
      return { text: buffer.subarray(0, read).toString('utf8'), cut: size > bytes }
    } finally {
      closeSync(descriptor)
    }
  } catch {
    // What writes the log never wrote it, or removed it: the same as having said nothing.
    return { text: '', cut: false }
  }
}
