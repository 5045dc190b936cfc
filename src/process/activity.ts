import { statSync } from 'node:fs'
import type { Ownership } from './ownership.ts'
import { listProcesses, type ProcessEntry } from './process-table.ts'
import { descendants } from './process-tree.ts'

/**
 * A program that only waits takes some processor time too: less than this share of one core is no work. Measured while
 * the model server was silent: most take under 1 %, OpenCode 1.7 %, Kilo 2.6 % and more.
 */
const idleShare = 0.03

/**
 * Answers, each time it is called, whether there was work since the last call: output, or processor time of our
 * processes and of all descendants (one that became another user shows no marker).
 */
export function watchActivity(
  pid: number,
  files: readonly string[],
  ownership: Ownership,
): (elapsedMs: number) => boolean {
  let bytes = totalSize(files)
  let processes = tree(pid, ownership)

  return elapsedMs => {
    const bytesNow = totalSize(files)
    const processesNow = tree(pid, ownership)
    const cpuSeconds = [...processesNow].reduce((sum, [key, entry]) => {
      const before = processes.get(key)?.cpuSeconds ?? 0
      return sum + Math.max(0, entry.cpuSeconds - before)
    }, 0)
    const active = bytesNow !== bytes || cpuSeconds > (elapsedMs / 1000) * idleShare
    bytes = bytesNow
    processes = processesNow
    return active
  }
}

function tree(pid: number, ownership: Ownership): ReadonlyMap<string, ProcessEntry> {
  const entries = [...ownership.look().processes, ...descendants(pid, listProcesses())]
  return new Map(entries.map(entry => [`${entry.pid} ${entry.startTime}`, entry]))
}

function totalSize(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0), 0)
}
