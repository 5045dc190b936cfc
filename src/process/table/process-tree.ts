import { isRunning, listProcesses, type Marker, type ProcessEntry, pidsWithMarker } from './process-table.ts'

type Processes = ReadonlyMap<number, ProcessEntry>

/** All descendants of `pid`, unless a process in between has ended: its children then belong to init. */
export function descendants(pid: number, processes: Processes = listProcesses()): readonly ProcessEntry[] {
  return [...processes.values()].filter(entry => ancestors(entry.pid, processes).includes(pid))
}

/** Nearest first. A table read while pids are reused can contain a cycle, so it stops at the first repetition. */
export function ancestors(pid: number, processes: Processes = listProcesses()): readonly number[] {
  const found: number[] = []
  let parent = processes.get(pid)?.ppid
  while (parent !== undefined && parent > 0 && parent !== pid && !found.includes(parent)) {
    found.push(parent)
    parent = processes.get(parent)?.ppid
  }
  return found
}

/** Includes zombies, which keep the group's number from being reused. */
export function groupMembers(pgid: number, processes: Processes = listProcesses()): readonly ProcessEntry[] {
  return [...processes.values()].filter(entry => entry.pgid === pgid)
}

/** The running processes that carry one of the markers, except ourselves. */
export function withMarker(
  markers: readonly Marker[],
  processes: Processes = listProcesses(),
): readonly ProcessEntry[] {
  const candidates = [...processes.values()].filter(entry => entry.pid !== process.pid && isRunning(entry))
  const marked = pidsWithMarker(
    markers,
    candidates.map(entry => entry.pid),
  )
  return candidates.filter(entry => marked.has(entry.pid))
}
