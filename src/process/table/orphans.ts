import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import { endProcesses } from './end-processes.ts'
import { trackOwned } from './ownership.ts'
import { type Marker, readBootId } from './process-table.ts'

/** An agent to keep running: processes with its marker, and the tree and the group of its leader, are not touched. */
export interface SparedAgent {
  readonly marker: Marker
  /** null: only the marker is known. */
  readonly leader: ProcessIdentity | null
}

/**
 * Ends what a dead run left behind: the groups of the recorded leaders and all processes with the run's marker. A pid
 * that now belongs to another process, or was recorded before the last boot, is not touched. Returns how many processes
 * were ended.
 */
export function reapOrphans(orphans: {
  readonly marker: Marker
  readonly identities: readonly ProcessIdentity[]
  readonly graceSeconds: number
  readonly spared: readonly SparedAgent[]
}): Promise<number> {
  const bootId = readBootId()
  const ofThisBoot = (identities: readonly ProcessIdentity[]) =>
    identities.filter(identity => identity.bootId === bootId)
  const spared = trackOwned(orphans.spared.map(({ marker }) => marker))
  spared.claim(ofThisBoot(orphans.spared.flatMap(({ leader }) => leader ?? [])))
  const ownership = trackOwned([orphans.marker], spared)
  ownership.claim(ofThisBoot(orphans.identities))
  return endProcesses(ownership, orphans.graceSeconds)
}
