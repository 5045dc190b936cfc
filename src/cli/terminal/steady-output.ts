import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * A standard stream whose writes never block. Node's own writes to a terminal are synchronous: after Ctrl+S, or with a
 * reader that stopped, they would block the whole process, including timers and signals.
 */
export interface SteadyOutput {
  write(text: string): void
  /** Bytes that are not written yet. */
  pending(): number
  /** Called each time when everything is written. */
  onDrain(call: () => void): void
  /** Resolves when everything is written or the time is over; the rest is dropped. */
  finish(longestMs: number): Promise<void>
}

const retryMs = 50

export function openSteadyOutput(stream: 'stdout' | 'stderr'): SteadyOutput {
  const fd = ownDescriptor(stream === 'stdout' ? process.stdout : process.stderr)
  const drained: (() => void)[] = []
  let queue: Buffer[] = []
  let timer: NodeJS.Timeout | null = null
  let isGone = false

  const flush = (): void => {
    timer = null
    try {
      for (let next = queue[0]; next !== undefined; next = queue[0]) {
        const written = writeSync(fd, next)
        if (written < next.length) queue[0] = next.subarray(written)
        else queue.shift()
      }
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
        timer = setTimeout(flush, retryMs)
        return
      }
      // The reader is gone, the terminal was closed, or the disk is full: the run continues.
      isGone = true
      queue = []
    }
    for (const call of drained) call()
  }

  const pending = () => queue.reduce((sum, { length }) => sum + length, 0)
  return {
    pending,
    write: text => {
      if (isGone || text === '') return
      queue.push(Buffer.from(text))
      if (timer === null) flush()
    },
    onDrain: call => void drained.push(call),
    finish: async longestMs => {
      const deadline = performance.now() + longestMs
      while (queue.length > 0 && performance.now() < deadline) await pause()
      if (timer !== null) clearTimeout(timer)
      timer = null
      queue = []
    },
  }
}

function pause(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, retryMs))
}

/**
 * A non-blocking descriptor. A terminal is opened again, because the inherited file description is shared with the shell.
 * Node has already made a pipe or a socket non-blocking.
 */
function ownDescriptor({ fd }: { readonly fd: number }): number {
  if (!isatty(fd) || !fstatSync(fd).isCharacterDevice()) return fd
  try {
    return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return fd
  }
}
