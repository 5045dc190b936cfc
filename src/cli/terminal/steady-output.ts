import { constants, fstatSync, openSync, writeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * A standard stream that never keeps us waiting: a terminal that was stopped with Ctrl+S, or a reader that reads no
 * more, takes nothing, and Node's own writes to a terminal would wait for it, timeouts and signals included.
 */
export interface SteadyOutput {
  write(text: string): void
  /** Bytes that it has not taken yet. */
  pending(): number
  /** Called each time after it has taken all. */
  onDrain(call: () => void): void
  /** Resolves once it has taken all, or has had so long to do it; the rest is dropped. */
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
      // The reader went away, the terminal was closed, or the disk is full: the run goes on.
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
 * One that does not block. Of a terminal a description of our own: the one we were given is the shell's too. A pipe or a
 * socket is made so by Node when it makes its stream.
 */
function ownDescriptor({ fd }: { readonly fd: number }): number {
  if (!isatty(fd) || !fstatSync(fd).isCharacterDevice()) return fd
  try {
    return openSync(`/dev/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch {
    return fd
  }
}
