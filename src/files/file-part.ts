import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

export interface FilePart {
  readonly text: string
  /** There is more of the file. */
  readonly cut: boolean
}

/** The last bytes of a log, at most so many, but no half line, which may hold half a secret. */
export function tail(file: string, bytes: number): FilePart {
  const part = readPart(file, bytes, size => Math.max(0, size - bytes))
  return part.cut ? { ...part, text: withoutBeginning(part.text) } : part
}

export function head(file: string, bytes: number): FilePart {
  return readPart(file, bytes, () => 0)
}

/** Where there are no lines: without half a word, and the three after it, which it may declare a secret (`API_KEY = …`). */
function withoutBeginning(text: string): string {
  const lineEnd = text.search(/[\r\n]/)
  return lineEnd >= 0 ? text.slice(lineEnd + 1) : text.replace(/^\S*(?:\s+\S+){0,3}\s*/, '')
}

/** An agent may have put anything there: a link is not followed, and opening a pipe would wait for ever. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

function readPart(file: string, bytes: number, from: (size: number) => number): FilePart {
  try {
    const descriptor = openSync(file, flags)
    try {
      const stats = fstatSync(descriptor)
      const size = stats.isFile() ? stats.size : 0
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
