import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

export interface FilePart {
  readonly text: string
  /** The file is longer. */
  readonly cut: boolean
}

/** At most the last `bytes` of a log, starting at a whole line, because a partial line may contain half a secret. */
export function tail(file: string, bytes: number): FilePart {
  const part = readPart(file, bytes, size => Math.max(0, size - bytes))
  return part.cut ? { ...part, text: withoutBeginning(part.text) } : part
}

export function head(file: string, bytes: number): FilePart {
  return readPart(file, bytes, () => 0)
}

/**
 * If there are no line breaks: drops a partial word and the next three, which it may mark as a secret (`API_KEY = …`).
 */
function withoutBeginning(text: string): string {
  const lineEnd = text.search(/[\r\n]/)
  return lineEnd >= 0 ? text.slice(lineEnd + 1) : text.replace(/^\S*(?:\s+\S+){0,3}\s*/, '')
}

/** An agent may have put anything there: links are not followed, and opening a pipe must not wait. */
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
    // The log was never written, or was removed: the same as no output.
    return { text: '', cut: false }
  }
}
