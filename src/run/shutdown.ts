import { type ExitCode, exitCodes } from '../errors.ts'
import { killMarked } from '../process/end-processes.ts'
import type { EventBody } from '../report/event.ts'
import { graceSeconds, runMarker } from './agent-runner.ts'

export interface Shutdown {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** null while nothing asked us to stop. */
  exitCode(): ExitCode | null
  /** Takes the handlers away. */
  dispose(): void
}

const codes: ReadonlyMap<NodeJS.Signals, ExitCode> = new Map([
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
  ['SIGHUP', exitCodes.hangup],
])

/** A terminal that closes sends HUP more than once, and `timeout` sends TERM and CONT: only a later one is a second wish. */
const sameWishMs = 300

/**
 * Agents are gone after the grace; a host call may take longer. It is left to finish by itself (it has a group of its
 * own, and a killed claim can leave a half-made merge): what it does is read back by the next `sko resume`.
 */
const patienceMs = (graceSeconds + 1.8) * 1000

/**
 * The first signal stops in order: nothing new starts, agents are ended and their work is kept. A second one ends at
 * once: every process of the run is killed and we exit with what is on disk.
 */
export function listenForShutdown(runId: string, report: (event: EventBody) => void): Shutdown {
  const controller = new AbortController()
  let code: ExitCode | null = null
  let firstAt = 0
  let deadline: NodeJS.Timeout | undefined
  const exitNow = (code: ExitCode): never => {
    killMarked(runMarker, runId)
    process.exit(code)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const wanted = codes.get(signal) ?? exitCodes.terminated
    if (code === null) {
      code = wanted
      firstAt = performance.now()
      report({ type: 'stopping', signal })
      controller.abort()
      deadline = setTimeout(exitNow, patienceMs, wanted)
    } else if (performance.now() - firstAt > sameWishMs) {
      exitNow(wanted)
    }
  }
  for (const signal of codes.keys()) process.on(signal, onSignal)
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose: () => {
      clearTimeout(deadline)
      for (const signal of codes.keys()) process.off(signal, onSignal)
    },
  }
}
