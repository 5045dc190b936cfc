import { type ExitCode, exitCodes } from '../../errors.ts'
import { graceSeconds, runMarker } from '../../local/agent-runner.ts'
import { killMarked } from '../../process/table/end-processes.ts'
import { ignoredSignals } from '../../process/table/ignored-signals.ts'
import type { Marker } from '../../process/table/process-table.ts'
import type { EventBody } from '../../run/events/event.ts'

export interface Shutdown {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** null while nothing asked us to stop. */
  exitCode(): ExitCode | null
  /** By which signal we were asked to stop; null: by none. */
  stoppedBy(): NodeJS.Signals | null
  /** Something has begun: from now on the first signal stops it in order. Until then any signal ends us at once. */
  stopInOrder(running: Running): void
  /** Takes the handlers away. */
  dispose(): void
}

export interface Running {
  readonly report: (event: EventBody) => void
  /** How many agents go on without us when the terminal is closed; absent: they are ended then as by any signal. */
  readonly agentsToLeave?: () => number
  /** A closed terminal is nothing to us. */
  readonly ignoresHangup?: boolean
}

/** The reads of the host by this very process: nobody needs their answer once it is gone. */
export function readsOf(runId: string): Marker {
  return { name: 'SKO_READ', value: `${runId}/${process.pid}` }
}

const codes: ReadonlyMap<NodeJS.Signals, ExitCode> = new Map([
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
  ['SIGHUP', exitCodes.hangup],
])

/** A terminal that closes sends HUP more than once, and `timeout` sends TERM and CONT: only a later one is a second wish. */
const sameWishMs = 300

/**
 * Agents are gone after the grace; a change that the host is making may take longer. It is left to finish by itself (it
 * has a group of its own, and a killed claim can leave a half-made merge): `sko resume` reads back what came of it.
 */
const patienceMs = (graceSeconds + 1.8) * 1000

const leftToFinish: EventBody = { type: 'host-call-left', hint: 'sko resume reads back what came of it' }

function endedBy(signal: NodeJS.Signals | null, exitCode: ExitCode, reason: string): EventBody {
  const hint = 'what agents had written is in the lane worktrees'
  return { type: 'run-ended', exitCode, code: signal ?? 'signal', reason, hint, next: ['sko resume'] }
}

/**
 * The first signal stops in order: nothing new starts, agents are ended and their work is kept. A second one ends at
 * once: every process of the run is killed and we exit with what is on disk. Before anything has begun the first one
 * does, and touches nothing but our own reads: `sko resume` may have found agents at work that are not ours yet.
 */
export function listenForShutdown(runId: string): Shutdown {
  const controller = new AbortController()
  let running: Running | null = null
  let code: ExitCode | null = null
  let firstAt = 0
  let deadline: NodeJS.Timeout | undefined
  const ours = readsOf(runId)
  let by: NodeJS.Signals | null = null
  const exitNow = (code: ExitCode, reason: string): never => {
    killMarked(runMarker, runId)
    running?.report(endedBy(by, code, reason))
    process.exit(code)
  }
  const leave = (code: ExitCode): never => {
    killMarked(ours.name, ours.value)
    process.exit(code)
  }
  const stop = (signal: NodeJS.Signals, wanted: ExitCode, { report, agentsToLeave }: Running): void => {
    code = wanted
    by = signal
    firstAt = performance.now()
    const agentsLeft = signal === 'SIGHUP' && agentsToLeave ? agentsToLeave() : null
    report({ type: 'stopping', signal, agentsLeft })
    if (agentsLeft !== null) {
      report(endedBy(signal, wanted, `${signal}; ${agentsLeft} agent(s) go on without sko (on_hangup: leave)`))
      leave(wanted)
    }
    controller.abort()
    deadline = setTimeout(() => {
      report(leftToFinish)
      exitNow(wanted, `stopped by ${signal}, with a call of the host still under way`)
    }, patienceMs)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const wanted = codes.get(signal) ?? exitCodes.terminated
    if (running === null) leave(wanted)
    else if (signal === 'SIGHUP' && running.ignoresHangup) return
    else if (code === null) stop(signal, wanted, running)
    else if (performance.now() - firstAt > sameWishMs) exitNow(wanted, `stopped at once by a second signal, ${signal}`)
  }
  // nohup, or a shell's background job: what our caller wants ignored does not end us.
  const ignored = ignoredSignals()
  const heard = [...codes.keys()].filter(signal => !ignored.includes(signal))
  for (const signal of heard) process.on(signal, onSignal)
  return {
    signal: controller.signal,
    exitCode: () => code,
    stoppedBy: () => by,
    stopInOrder: begun => {
      running = begun
    },
    dispose: () => {
      clearTimeout(deadline)
      for (const signal of heard) process.off(signal, onSignal)
    },
  }
}

/** For the last words of a process that is broken: disk or terminal may not take them. */
const lastWordsMs = 3000

/**
 * An error that nothing catches, or a rejection that nothing handles, ends this process wherever it came from: what it
 * was is told first, and no agent is left that nobody follows. Returns how to take the handler away.
 */
export function endOnUncaught(runId: string, tell: (error: unknown) => Promise<void>): () => void {
  const handle = (error: unknown): void => {
    const exit = (): never => {
      killMarked(runMarker, runId)
      process.exit(exitCodes.needsPerson)
    }
    setTimeout(exit, lastWordsMs)
    tell(error).then(exit, exit)
  }
  process.once('uncaughtException', handle)
  return () => void process.off('uncaughtException', handle)
}
