import { continueRun, resume } from '../../core/next-command.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { graceSeconds, runMarker } from '../../local/agent-runner.ts'
import { killMarked } from '../../process/table/end-processes.ts'
import { ignoredSignals } from '../../process/table/ignored-signals.ts'
import type { Marker } from '../../process/table/process-table.ts'
import type { EventBody } from '../../run/events/event.ts'

export interface Shutdown {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal
  /** null until a signal asks us to stop. */
  exitCode(): ExitCode | null
  /** The signal that asked us to stop, or null. */
  stoppedBy(): NodeJS.Signals | null
  /** From this call on, the first signal stops the run in order. Before it, any signal exits at once. */
  stopInOrder(running: Running): void
  /** Removes the handlers. */
  dispose(): void
}

export interface Running {
  readonly report: (event: EventBody) => void
  /** Number of agents to leave running when the terminal closes; absent: SIGHUP stops them like any signal. */
  readonly agentsToLeave?: () => number
  /** What the run waits for at this moment, for a person. */
  readonly underWay?: () => readonly string[]
  /** True: SIGHUP is ignored. */
  readonly ignoresHangup?: boolean
}

/** Marks the host reads of this process, whose answers are not needed after it exits. */
export function readsOf(runId: string): Marker {
  return { name: 'SKO_READ', value: `${runId}/${process.pid}` }
}

const codes: ReadonlyMap<NodeJS.Signals, ExitCode> = new Map([
  ['SIGINT', exitCodes.interrupted],
  ['SIGTERM', exitCodes.terminated],
  ['SIGHUP', exitCodes.hangup],
])

/** A closing terminal sends HUP more than once, and `timeout` sends TERM and CONT: only a later signal is a second request. */
const sameRequestMs = 300

/**
 * Agents are gone after the grace period, but a host call that changes something may take longer. It is left to finish:
 * it has its own process group, and a killed claim can leave an incomplete merge. `sko resume` reads back its result.
 */
const patienceMs = (graceSeconds + 1.8) * 1000

function stillUnderWay(late: readonly string[]): EventBody {
  return { type: 'still-under-way', late, next: [{ command: resume, why: 'reads back the result' }] }
}

function whatIsLate(underWay: Running['underWay']): readonly string[] {
  const names = underWay?.() ?? []
  return names.length > 0 ? names : ['what sko itself has to end']
}

const goOn = [continueRun]

function endedBy(signal: NodeJS.Signals | null, exitCode: ExitCode, reason: string): EventBody {
  const hint = 'the work of the agents is in the lane worktrees'
  return { type: 'run-ended', exitCode, code: signal ?? 'signal', reason, hint, next: goOn }
}

/**
 * The first signal stops in order: nothing new starts, agents are stopped and their work is kept. A second signal exits
 * at once: every process of the run is killed. Before `stopInOrder` the first signal exits at once, but kills only our
 * own host reads: `sko resume` may not have adopted running agents yet.
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
  const stop = (signal: NodeJS.Signals, wanted: ExitCode, { report, agentsToLeave, underWay }: Running): void => {
    code = wanted
    by = signal
    firstAt = performance.now()
    const agentsLeft = signal === 'SIGHUP' && agentsToLeave ? agentsToLeave() : null
    const next = agentsLeft === null ? [] : [{ command: resume, why: 'follows them again' }]
    report({ type: 'stopping', signal, agentsLeft, next })
    if (agentsLeft !== null) {
      report(endedBy(signal, wanted, `${signal}; ${agentsLeft} agent(s) keep running without sko (on_hangup: leave)`))
      leave(wanted)
    }
    controller.abort()
    deadline = setTimeout(() => {
      const late = whatIsLate(underWay)
      report(stillUnderWay(late))
      exitNow(wanted, `stopped by ${signal}, without waiting any longer for ${late.join(', ')}`)
    }, patienceMs)
  }
  const onSignal = (signal: NodeJS.Signals): void => {
    const wanted = codes.get(signal) ?? exitCodes.terminated
    if (running === null) leave(wanted)
    else if (signal === 'SIGHUP' && running.ignoresHangup) return
    else if (code === null) stop(signal, wanted, running)
    else if (performance.now() - firstAt > sameRequestMs)
      exitNow(wanted, `stopped at once by a second signal, ${signal}`)
  }
  // Signals that the caller ignores (nohup, a background job of a shell) do not end us.
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

/** The most time for the last report of a broken process: disk or terminal may block. */
const lastReportMs = 3000

/**
 * An uncaught error or an unhandled rejection ends this process: it is reported first, and the agents of the run are
 * killed, because nothing would follow them. Returns a function that removes the handler.
 */
export function endOnUncaught(runId: string, tell: (error: unknown) => Promise<void>): () => void {
  const handle = (error: unknown): void => {
    const exit = (): never => {
      killMarked(runMarker, runId)
      process.exit(exitCodes.needsPerson)
    }
    setTimeout(exit, lastReportMs)
    tell(error).then(exit, exit)
  }
  process.once('uncaughtException', handle)
  return () => void process.off('uncaughtException', handle)
}
