import { setTimeout as sleep } from 'node:timers/promises'
import { readRegular } from '../files/read-regular.ts'
import { writersOf } from './table/open-files.ts'

const pollMs = 200

export type UnreadOutput =
  | { readonly kind: 'ended'; readonly text: string }
  /** `writers`: pids of the processes that can still write there. */
  | { readonly kind: 'at-work'; readonly writers: readonly number[] }

/**
 * The output in `file` of a process whose parent has died, once it is complete or the process has ended. A missing file
 * counts as empty.
 */
export async function unreadOutput(
  file: string,
  isAll: (text: string) => boolean,
  timeoutSeconds: number,
): Promise<UnreadOutput> {
  const deadline = performance.now() + timeoutSeconds * 1000
  for (;;) {
    // In this order, output written between the two steps is still read if the file is closed afterwards.
    const writers = writersOf(file)
    const text = contents(file)
    if (writers.length === 0 || isAll(text)) return { kind: 'ended', text }
    if (performance.now() > deadline) return { kind: 'at-work', writers }
    await sleep(pollMs)
  }
}

function contents(file: string): string {
  try {
    return readRegular(file).toString('utf8')
  } catch {
    return ''
  }
}
