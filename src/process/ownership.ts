import { isRunning, listProcesses, type Marker, type ProcessEntry } from './process-table.ts'
import { ancestors, groupMembers, withMarker } from './process-tree.ts'

/** What is ours to end. `groups` are whole: every member may be signalled through the group. */
export interface Owned {
  readonly processes: readonly ProcessEntry[]
  readonly groups: readonly number[]
}

export interface Ownership {
  /** Reads the process table: up to 30 ms of processor time. */
  look(): Owned
  /** These are ours; a pid that has another start time when we look is not. */
  claim(processes: readonly Pick<ProcessEntry, 'pid' | 'startTime'>[]): void
}

/**
 * Tells our processes from all others; a bare pid proves nothing, since numbers are given again. Ours are
 * - what carries the marker,
 * - what was claimed, or ours at an earlier look,
 * - what has a running one of those above it (a program may leave its group and overwrite its environment),
 * - every other member of a group in which one of those is, be it a zombie. A group cannot span sessions and agents
 *   begin their own; the kernel gives no number away that is a living group's.
 * Never ourselves and what we run under: in a group with those only what proves itself is ours.
 */
export function trackOwned(marker: Marker): Ownership {
  const known = new Map<number, string>()
  const claim: Ownership['claim'] = processes => {
    for (const entry of processes) known.set(entry.pid, entry.startTime)
  }

  return {
    claim,
    look() {
      const table = listProcesses()
      const spared = new Set([process.pid, ...ancestors(process.pid, table)])
      const proven = [...table.values()].filter(entry => known.get(entry.pid) === entry.startTime)
      const ours = new Set([...proven, ...withMarker(marker, table)])
      const parents = new Set([...ours].filter(entry => !spared.has(entry.pid)).map(entry => entry.pid))
      for (const entry of table.values()) {
        if (ancestors(entry.pid, table).some(pid => parents.has(pid))) ours.add(entry)
      }
      const groups = new Set([...ours].map(entry => entry.pgid))
      for (const group of groups) {
        const members = groupMembers(group, table)
        if (members.some(member => spared.has(member.pid))) groups.delete(group)
        else for (const member of members) ours.add(member)
      }
      const processes = [...ours].filter(entry => isRunning(entry) && !spared.has(entry.pid))
      claim(processes)
      return { processes, groups: [...groups] }
    },
  }
}
