import { isRunning, listProcesses, type Marker, type ProcessEntry } from './process-table.ts'
import { ancestors, groupMembers, withMarker } from './process-tree.ts'

/** A glance every 4 s: everything is looked at once a minute. */
const glancesPerLook = 15

/** The processes to end. In `groups` every member is ours, so the whole group may be signalled. */
export interface Owned {
  readonly processes: readonly ProcessEntry[]
  readonly groups: readonly number[]
}

export interface Ownership {
  /** Our processes in this table, including zombies. */
  among(table: ReadonlyMap<number, ProcessEntry>): readonly ProcessEntry[]
  /** Reads the process table: up to 30 ms of processor time. */
  look(): Owned
  /**
   * Our processes, including zombies. Skips processes that an earlier glance found not to be ours, which takes a tenth
   * of the time; a process that reuses such a pid is seen up to a minute later.
   */
  glance(): readonly ProcessEntry[]
  /** Declares these as ours, unless the pid has another start time by then. */
  claim(processes: readonly Pick<ProcessEntry, 'pid' | 'startTime'>[]): void
}

/**
 * Tells our processes from all others. A bare pid proves nothing, because pids are reused. Ours are
 * - processes that carry one of the markers,
 * - processes that were claimed, or were ours at an earlier look,
 * - descendants of a running one of those (a program may leave its group and overwrite its environment),
 * - all other members of a group that contains one of those, even as a zombie. A group cannot span sessions, and agents
 *   start their own; the kernel does not reuse the number of a group that exists.
 * Never ours are sko itself, its ancestors, and `spared` processes, even with a marker. In a group that contains one of
 * these, only processes with proof of their own are ours.
 */
export function trackOwned(markers: readonly Marker[], spared?: Pick<Ownership, 'among'>): Ownership {
  const known = new Map<number, string>()
  const foreign = new Set<number>()
  let glances = 0
  const claim: Ownership['claim'] = processes => {
    for (const entry of processes) known.set(entry.pid, entry.startTime)
  }

  function notOurs(table: ReadonlyMap<number, ProcessEntry>): ReadonlySet<number> {
    return new Set([...ourselves(table), ...(spared?.among(table) ?? []).map(entry => entry.pid)])
  }

  function oursOf(table: ReadonlyMap<number, ProcessEntry>, others: ReadonlySet<number>) {
    const proven = [...table.values()].filter(entry => known.get(entry.pid) === entry.startTime)
    const ours = new Set([...proven, ...withMarker(markers, table)])
    const parents = new Set([...ours].filter(entry => !others.has(entry.pid)).map(entry => entry.pid))
    for (const entry of table.values()) {
      if (ancestors(entry.pid, table).some(pid => parents.has(pid))) ours.add(entry)
    }
    const groups = new Set([...ours].map(entry => entry.pgid))
    for (const group of groups) {
      const members = groupMembers(group, table)
      if (members.some(member => others.has(member.pid))) groups.delete(group)
      else for (const member of members) ours.add(member)
    }
    const entries = [...ours].filter(entry => !others.has(entry.pid))
    claim(entries.filter(isRunning))
    return { entries, groups: [...groups] }
  }

  return {
    claim,
    among: table => oursOf(table, notOurs(table)).entries,
    look() {
      const table = listProcesses()
      const { entries, groups } = oursOf(table, notOurs(table))
      return { processes: entries.filter(isRunning), groups }
    },
    glance() {
      if (glances % glancesPerLook === 0) foreign.clear()
      glances++
      const table = listProcesses(foreign)
      const others = notOurs(table)
      const { entries } = oursOf(table, others)
      const ours = new Set(entries.map(entry => entry.pid))
      for (const pid of table.keys()) if (!ours.has(pid) && !others.has(pid)) foreign.add(pid)
      return entries
    },
  }
}

function ourselves(table: ReadonlyMap<number, ProcessEntry>): ReadonlySet<number> {
  return new Set([process.pid, ...ancestors(process.pid, table)])
}
