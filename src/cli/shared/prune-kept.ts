import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { snapshotReason } from '../../core/repository/kept.ts'
import { pruneKept } from '../../git/kept/kept-prune.ts'
import type { EventBody } from '../../run/events/event.ts'
import { GitError } from '../../run/git-error.ts'

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
  try {
    const pruned = await pruneKept(root, days, systemClock.now())
    const snapshots = pruned.filter(({ reason }) => reason === snapshotReason).length
    return { snapshots, old: pruned.length - snapshots }
  } catch (error) {
    if (!(error instanceof GitError)) throw error
    return { snapshots: 0, old: 0 }
  }
}
