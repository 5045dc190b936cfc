import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { snapshotReason } from '../../core/repository/kept.ts'
import { keptCopies } from '../../git/kept/kept-copies.ts'
import type { EventBody } from '../../run/events/event.ts'

/** At the end of a run. What could not be pruned stays for the next time. */
export async function pruneAfterRun(
  root: string,
  config: Pick<Config, 'kept'>,
  report: (event: EventBody) => void,
): Promise<void> {
  const counts = await pruneNow(root, config.kept.days)
  if (counts.snapshots + counts.old > 0) report({ type: 'kept-pruned', days: config.kept.days, ...counts })
}

export async function pruneNow(root: string, days: number) {
  const pruned = await keptCopies(root).prune(days, systemClock.now())
  if (!pruned.ok) return { snapshots: 0, old: 0 }
  const snapshots = pruned.data.filter(({ reason }) => reason === snapshotReason).length
  return { snapshots, old: pruned.data.length - snapshots }
}
