import { join } from 'node:path'
import { systemClock } from '../../clock.ts'
import { runMarker } from '../../local/agent-runner.ts'
import { createNotifier } from '../../report/notifier.ts'
import { createReport } from '../../report/reporter.ts'
import { asAfterAbort } from '../../run/events/after-abort-events.ts'
import type { EventBody, Reporter } from '../../run/events/event.ts'
import type { Requests } from '../../run/requests/requests.ts'
import { isAborting } from '../../state/abort-mark.ts'
import { listenForKeys } from '../terminal/keys.ts'
import { reportersFor, showsBoard } from '../terminal/output.ts'
import { createPauseKey } from '../terminal/pause-key.ts'
import { openSteadyOutput } from '../terminal/steady-output.ts'
import type { RunInput } from './run-input.ts'

export interface RunReporting {
  readonly report: (event: EventBody) => void
  /** Call after the last event. A second call does nothing. */
  close(): Promise<void>
}

/** How long a stopped terminal or reader can delay the end of a run. */
const finishingMs = 5000
const stoppingMs = 1000

/** Everything that receives the events of a run: the log, the terminal or stdout, the key p, `notify.command`. */
export function openReporting(options: RunInput, logs: string, requests: Requests): RunReporting {
  const pauseKey = createPauseKey(requests)
  const out = openSteadyOutput('stdout')
  const keys = showsBoard(options.output) ? listenForKeys(pauseKey.onKey) : null
  const { runId } = options.store.state()
  const { kittify } = options.repository
  const reporters = [
    ...reportersFor(options.output, logs, keys !== null, out),
    pauseKey.reporter,
    ...notifiersFor(options, logs, event => report(event)),
  ]
  const { report, close } = createReport(options.store.state(), systemClock.now, reporters, event =>
    isAborting(kittify, runId) ? asAfterAbort(event, options.mission.slug) : event,
  )
  return {
    report,
    close: async () => {
      await close()
      await out.finish(options.shutdown.signal.aborted ? stoppingMs : finishingMs)
      keys?.restore()
    },
  }
}

function notifiersFor(
  { repository, config, agents, store, shutdown }: RunInput,
  logs: string,
  report: (event: EventBody) => void,
): readonly Reporter[] {
  const { command } = config.notify
  if (command === null) return []
  const env = { ...agents.env, [runMarker]: store.state().runId, SKO_REPO: repository.root }
  return [
    createNotifier({
      command,
      cwd: repository.root,
      env,
      folder: join(logs, 'notify'),
      report,
      maxLogMb: config.agents.max_log_mb,
      stopping: shutdown.signal,
    }),
  ]
}
