import { randomInt } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { patienceMs } from '../patience.ts'

/** A number that no other process has on its command line or in its environment: `sleep <token>` can be found again. */
export function newToken(): string {
  return String(randomInt(100_000_000, 999_999_999))
}

/** Running processes with the token in environment or arguments, as text. Reads /proc itself, not through src. */
export function processesWith(token: string): readonly string[] {
  return readdirSync('/proc').flatMap(pid => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return []
    const state = read(pid, 'stat').replace(/^.*\) /s, '')[0]
    if (state === undefined || state === 'Z' || state === 'X') return []
    const command = read(pid, 'cmdline').replaceAll('\0', ' ')
    return read(pid, 'environ').includes(token) || command.includes(token) ? [`${pid} ${state} ${command}`] : []
  })
}

/** Ends what a failed test left, so that it disturbs no other. Returns what there was. */
export function killAll(token: string): readonly string[] {
  const left = processesWith(token)
  for (const text of left) {
    try {
      process.kill(Number.parseInt(text, 10), 'SIGKILL')
    } catch {}
  }
  return left
}

export async function eventually(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`)
    await sleep(20)
  }
}

function read(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
