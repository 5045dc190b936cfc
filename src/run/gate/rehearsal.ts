import type { OtherWork } from '../../core/gate/other-work.ts'
import type { WpId } from '../../core/ids.ts'
import { hostFilesOf } from '../../core/judgement/coverage.ts'
import { orNull } from '../git/git-outcome.ts'
import type { Ports } from '../ports.ts'

/** Approved work and other work that git cannot merge with it, as they are now. */
export interface Foretold {
  readonly approved: OtherWork
  /** Without WPs: the target. */
  readonly other: OtherWork
  readonly files: readonly string[]
}

/** Tries in memory what will be merged at the end, so that conflicts are known while agents still work. */
export interface Rehearsal {
  /** The WP was approved. git that is too old for it says nothing. */
  approved(wpId: WpId): Promise<void>
  /** Approved work that conflicts with what this WP has committed. */
  foretold(wpId: WpId): readonly Foretold[]
}

interface Rehearsed {
  readonly mission: string
  readonly ports: Pick<Ports, 'combining' | 'commits' | 'report' | 'store'>
}

export function createRehearsal(run: Rehearsed): Rehearsal {
  const tried = new Set<string>()
  const reported = new Set<string>()
  const known = new Map<string, Foretold>()

  const tryPair = async (approved: OtherWork, other: OtherWork): Promise<void> => {
    const heads = `${approved.commit} ${other.commit}`
    if (approved.commit === other.commit || tried.has(heads)) return
    tried.add(heads)
    const isHosts = hostFilesOf(run.mission)
    const files = await orNull(run.ports.combining.conflicts(approved.commit, other.commit, isHosts))
    const pair = [approved.branch, other.branch].toSorted().join(' ')
    known.delete(pair)
    if (files === null || files.length === 0) return
    const found = { approved, other, files }
    known.set(pair, found)
    const key = [pair, ...files].join('\0')
    if (!reported.has(key)) run.ports.report({ type: 'conflict-foretold', ...found })
    reported.add(key)
  }

  return {
    approved: async wpId => {
      const { lanes, target } = await heads(run)
      const own = lanes.find(({ wpIds }) => wpIds.includes(wpId))
      const others = lanes.filter(lane => lane !== own)
      if (!own || others.length === 0) return
      for (const other of [...others, ...target]) await tryPair(own, other)
    },
    foretold: wpId => [...known.values()].filter(({ other }) => other.wpIds.includes(wpId)),
  }
}

/** The lanes that have a branch, and the target, which is checked out. A mission with one lane asks nothing. */
async function heads({ ports }: Rehearsed) {
  const byBranch = new Map<string, WpId[]>()
  for (const { wpId, laneBranch } of ports.store.records()) {
    if (laneBranch !== null) byBranch.set(laneBranch, [...(byBranch.get(laneBranch) ?? []), wpId])
  }
  if (byBranch.size < 2) return { lanes: [], target: [] }
  const branches = [...byBranch]
  const names = [...branches.map(([branch]) => `refs/heads/${branch}`), 'HEAD']
  const commits = (await orNull(ports.commits.resolveAll(names))) ?? []
  const lanes = branches.flatMap(([branch, wpIds], index): readonly OtherWork[] => {
    const commit = commits[index] ?? null
    return commit === null ? [] : [{ branch, wpIds, commit }]
  })
  const head = commits[branches.length] ?? null
  return { lanes, target: head === null ? [] : [{ branch: 'the target', wpIds: [], commit: head }] }
}
