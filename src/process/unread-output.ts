import { setTimeout as sleep } from 'node:timers/promises'
import { readRegular } from '../files/read-regular.ts'
import { writersOf } from './table/open-files.ts'

const pollMs = 200

export type UnreadOutput =
  | { readonly kind: 'ended'; readonly text: string }
  /** `writers`: numbers of the processes that could still write there. */
  | { readonly kind: 'at-work'; readonly writers: readonly number[] }

/**
 * What a process whose starter has died prints into `file`, as soon as it has printed all of it or has ended. A file that
 * is not there is an empty one.
 */
export async function unreadOutput(
  file: string,
  isAll: (text: string) => boolean,
  timeoutSeconds: number,
): Promise<UnreadOutput> {
  const deadline = performance.now() + timeoutSeconds * 1000
  for (;;) {
    // In this order: what is written between the two, and the file then closed, is read.
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
