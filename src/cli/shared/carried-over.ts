import { systemClock } from '../../clock.ts'
import { afterCrash } from '../../core/work-package/cut-off.ts'
import { forNewRun } from '../../core/work-package/fresh-start.ts'
import type { RunState } from '../../state/schema.ts'
import { recordsOf } from './leftovers.ts'

/** What a new run takes over from an earlier one of the same mission: evidence and feedback, not the counters. */
export function carriedOver(old: RunState | null, mission: string): RunState['workPackages'] {
  if (!old || old.mission !== mission) return {}
  return Object.fromEntries(
    recordsOf(old).map(record => [record.wpId, forNewRun(afterCrash(record), systemClock.now())]),
  )
}
