import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { plainJson, quote } from '../core/text.ts'
import { writeNew } from '../files/write-private.ts'
import { withoutGitRedirections } from '../process/inherited-environment.ts'
import { runProcess } from '../process/supervision/run-process.ts'
import type { Event, EventBody, Reporter } from '../run/events/event.ts'
import type { AgentEnd } from '../run/ports.ts'
import type { NotNotified } from './left-out.ts'

export interface NotifierOptions {
  /** `notify.command` */
  readonly command: string
  /** The main checkout. */
  readonly cwd: string
  /** Includes the variables of the run. */
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** For its input and output; below the logs of the run. */
  readonly folder: string
  /** For the warning about its first failure. */
  readonly report: (event: EventBody) => void
  readonly timeoutSeconds?: number
  /** `agents.max_log_mb`: the command is stopped when it prints more. */
  readonly maxLogMb: number
  /** Aborted when a signal ends the run; then `close` waits for one second only. */
  readonly stopping: AbortSignal
  /** How long `close` otherwise waits for commands that are still running. */
  readonly closingSeconds?: number
}

const graceSeconds = 1
const stoppingSeconds = 1
const atOnce = 3

/** Runs the user's command for each event that a person may want to be woken for. A failure never affects the run. */
export function createNotifier(options: NotifierOptions): Reporter {
  const { closingSeconds = 5, report, stopping } = options
  const limit = pLimit(atOnce)
  const over = new AbortController()
  const sent = new Set<string>()
  const pending = new Set<Promise<void>>()
  let failed = false

  const send = async (event: Event, number: number): Promise<void> => {
    const prefix = join(options.folder, `${event.at.replace(/\D/g, '')}-${number}-${event.type}`)
    const problem = await runCommand(options, event, prefix, over.signal).catch(error =>
      quote(error instanceof Error ? error.message : String(error)),
    )
    if (problem === null || failed) return
    failed = true
    report({ type: 'notify-failed', event: event.type, reason: problem, output: `${prefix}.log` })
  }

  return {
    onEvent: event => {
      const key = keyOf(event)
      if (key === null || sent.has(key)) return
      sent.add(key)
      // Taken now: a call that waits for its turn would read a later size.
      const number = sent.size
      const done = limit(() => send(event, number))
      pending.add(done)
      void done.then(() => pending.delete(done))
    },
    close: async () => {
      const seconds = stopping.aborted ? Math.min(stoppingSeconds, closingSeconds) : closingSeconds
      const deadline = setTimeout(() => over.abort(), seconds * 1000)
      await Promise.all(pending)
      clearTimeout(deadline)
    },
  }
}

/** Returns what went wrong, or null. */
async function runCommand(
  { command, cwd, env, folder, maxLogMb, timeoutSeconds = 30 }: NotifierOptions,
  event: Event,
  prefix: string,
  over: AbortSignal,
): Promise<string | null> {
  if (over.aborted) return 'was not run: the run has ended'
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeNew(`${prefix}.json`, `${plainJson(event)}\n`)
  const { end } = await runProcess(
    {
      file: '/bin/sh',
      args: ['-c', command],
      cwd,
      env: { ...withoutGitRedirections(env), SKO_EVENT: event.type },
      stdinFile: `${prefix}.json`,
      stdoutFile: `${prefix}.log`,
      stderrFile: null,
      statusFile: null,
      maxLogBytes: maxLogMb * 2 ** 20,
      timeoutSeconds,
      inactivitySeconds: timeoutSeconds,
      idleShare: 0,
      graceSeconds,
      marker: { name: 'SKO_NOTIFY', value: prefix },
    },
    { signal: over, onSpawn: async () => {}, onQuiet: () => {} },
  )
  return problemOf(end, timeoutSeconds, maxLogMb)
}

/** Events with the same key are sent once; null: the event is not sent. */
function keyOf(event: Event): string | null {
  switch (event.type) {
    case 'cooldown':
      return [event.type, event.agent, event.model, event.until].join(' ')
    case 'budget':
      return event.level === 'reached' ? [event.type, event.unit, event.wpId, event.ceiling].join(' ') : null
    case 'needs-person':
    case 'run-finished':
    case 'run-ended':
      return JSON.stringify(event)
    default:
      return notNotified(event.type)
  }
}

function notNotified(_: NotNotified): null {
  return null
}

function problemOf(end: AgentEnd, timeoutSeconds: number, maxLogMb: number): string | null {
  switch (end.kind) {
    case 'exited':
      return end.code === 0 ? null : `failed with exit ${end.code}`
    case 'signaled':
      return `was ended by ${end.signal}`
    case 'timed-out':
    case 'stalled':
      return `was stopped after ${timeoutSeconds} s`
    case 'log-full':
      return `was stopped: it printed more than agents.max_log_mb (${maxLogMb} MB)`
    case 'aborted':
      return 'was stopped: the run has ended'
    case 'spawn-failed':
      return `could not be started: ${quote(end.message)}`
  }
}
