import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { readRegular } from '../state/read-regular.ts'

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

/** Processes of this user that have the file open for writing. Without /proc nobody tells: then there are none. */
export function writersOf(file: string): readonly number[] {
  const place = attempt(() => realpathSync(file))
  if (place === null) return []
  return entries('/proc').flatMap(pid => (/^\d+$/.test(pid) && writes(pid, place) ? Number(pid) : []))
}

function writes(pid: string, place: string): boolean {
  return entries(`/proc/${pid}/fd`).some(descriptor => {
    if (attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) !== place) return false
    const flags = /^flags:\s*([0-7]+)/m.exec(
      attempt(() => readFileSync(`/proc/${pid}/fdinfo/${descriptor}`, 'utf8')) ?? '',
    )
    // O_ACCMODE, of which O_RDONLY is 0: proc_pid_fdinfo(5)
    return (Number.parseInt(flags?.[1] ?? '0', 8) & 3) !== 0
  })
}

function contents(file: string): string {
  return attempt(() => readRegular(file).toString('utf8')) ?? ''
}

function entries(folder: string): readonly string[] {
  return attempt(() => readdirSync(folder)) ?? []
}

/** null: gone meanwhile, or not ours to see. */
function attempt<T>(look: () => T): T | null {
  try {
    return look()
  } catch {
    return null
  }
}
