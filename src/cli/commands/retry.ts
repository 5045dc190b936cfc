import { laneName } from '../../core/mission/lane.ts'
import type { ExitCode } from '../../errors.ts'
import { unblock } from '../../run/requests/person.ts'
import { cannot, type DecideOptions, decide, withHint } from '../shared/decide.ts'

/** Moves a blocked WP back to in_progress at the host and resets its counters. The run, or `sko resume`, continues it. */
export function retryCommand(wp: string, options: DecideOptions): Promise<ExitCode> {
  return decide('retry', wp, options, async at => {
    if (at.wp.lane !== 'blocked') {
      throw cannot('retry', `${at.wp.wpId} is in ${laneName(at.wp.lane)}, not blocked`, 'continue with: sko resume')
    }
    return withHint(await unblock(at.wp, options.reason ?? null, at.context), 'continue with: sko resume')
  })
}
