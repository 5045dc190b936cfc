import { afterCrash } from '../../core/work-package/cut-off.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { ExitCode } from '../../errors.ts'
import { cancel, whyNotSkipped } from '../../run/requests/person.ts'
import { type Alone, cannot, type DecideOptions, decide, withHint } from '../shared/decide.ts'
import { reapAttempt, salvage } from '../shared/leftovers.ts'
import { writeOut } from '../terminal/output.ts'

/** Cancels a WP. A running agent of the WP is stopped first, and its work is committed. */
export function skipCommand(wp: string, options: DecideOptions): Promise<ExitCode> {
  return decide('skip', wp, options, async at => {
    const against = whyNotSkipped(at.wp)
    if (against !== null) throw cannot('skip', against, 'sko status shows what is left')
    return withHint(
      await cancel(await atRest(at), options.reason ?? null, at.context),
      'continue with the others: sko resume',
    )
  })
}

/** After a run that died: ends the agent of this WP and commits its work. `sko resume` handles the other agents. */
async function atRest({ wp, repository, state, store, host, report }: Alone): Promise<WorkPackage> {
  if (state.phase !== 'running') return wp
  const ended = await reapAttempt(state, wp.record)
  if (ended > 0) {
    report({ type: 'orphans-reaped', processes: ended })
    writeOut(`${wp.wpId}: ended ${ended} process(es) that the run left behind\n`)
  }
  const record = afterCrash(wp.record)
  const kept = await salvage(record, 'skipped', { repository, mission: state.mission, host, report })
  if (kept !== null) writeOut(`${wp.wpId}: ${kept}\n`)
  await store.saveWorkPackage(record)
  return { ...wp, record }
}
