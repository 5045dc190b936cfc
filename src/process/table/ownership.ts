import { isRunning, listProcesses, type Marker, type ProcessEntry } from './process-table.ts'
import { ancestors, groupMembers, withMarker } from './process-tree.ts'

/** A glance every 4 s: all is looked at once a minute. */
const glancesPerLook = 15

/** What is ours to end. `groups` are whole: every member may be signalled through the group. */
export interface Owned {
  readonly processes: readonly ProcessEntry[]
  readonly groups: readonly number[]
}

export interface Ownership {
  /** What of ours is in this table, ended ones that nobody has waited for included. */
  among(table: ReadonlyMap<number, ProcessEntry>): readonly ProcessEntry[]
  /** Reads the process table: up to 30 ms of processor time. */
  look(): Owned
  /**
   * What of ours there is, ended ones that nobody has waited for included. Passes over what an earlier glance found not
   * to be ours, which takes a tenth of the time; a process that got the number of such a one is seen a minute later.
   */
  glance(): readonly ProcessEntry[]
  /** These are ours; a pid that has another start time when we look is not. */
  claim(processes: readonly Pick<ProcessEntry, 'pid' | 'startTime'>[]): void
}

/**
 * Tells our processes from all others; a bare pid proves nothing, since numbers are given again. Ours are
 * - what carries one of the markers,
 * - what was claimed, or ours at an earlier look,
 * - what has a running one of those above it (a program may leave its group and overwrite its environment),
 * - every other member of a group in which one of those is, be it a zombie. A group cannot span sessions and agents
 *   begin their own; the kernel gives no number away that is a living group's.
 * Never ourselves and what we run under, nor what is `spared`, though it carries a marker: in a group with those only
 * what proves itself is ours.
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
