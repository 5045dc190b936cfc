import type { ProcessIdentity } from '../core/work-package.ts'
import { endProcesses } from './end-processes.ts'
import { trackOwned } from './ownership.ts'
import { type Marker, readBootId } from './process-table.ts'

/**
 * Ends what a dead run left behind: the groups of the recorded leaders and whatever carries the run's marker. A pid
 * that belongs to another process today, or was recorded before the last boot, is not touched.
 * Returns how many processes were ended.
 */
export function reapOrphans(orphans: {
  readonly marker: Marker
  readonly identities: readonly ProcessIdentity[]
  readonly graceSeconds: number
}): Promise<number> {
  const bootId = readBootId()
  const ownership = trackOwned(orphans.marker)
  ownership.claim(orphans.identities.filter(identity => identity.bootId === bootId))
  return endProcesses(ownership, orphans.graceSeconds)
}
