import { randomBytes } from 'node:crypto'
import { quote } from '../core/text.ts'
import { type HostCallResult, runHostCall } from './host-call.ts'
import { withoutGitRedirections } from './inherited-environment.ts'
import { endProcesses, killMarked } from './table/end-processes.ts'
import { trackOwned } from './table/ownership.ts'

export type Answer =
  | { readonly kind: 'exited'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** `reason` continues "it …". */
  | { readonly kind: 'none'; readonly reason: string }

export interface Question {
  readonly file: string
  readonly args: readonly string[]
  /** Variables that override those of the inquiry. */
  readonly env: Readonly<Record<string, string>>
}

/** Runs short queries of installed programs (`--version`), without input, and leaves nothing running. Never throws. */
export interface Inquiry {
  ask(question: Question): Promise<Answer>
  /** After all answers: ends what a program left running, even outside its process group. */
  close(): Promise<void>
}

export interface InquiryOptions {
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** The working folder of the programs. It should be neutral, because some read settings from it. */
  readonly cwd: string
  readonly timeoutSeconds: number
  /** When aborted, running queries are ended. */
  readonly signal?: AbortSignal
}

const maxBytes = 64 * 1024
const leftoverGraceSeconds = 1

export function openInquiry({ env, cwd, timeoutSeconds, signal }: InquiryOptions): Inquiry {
  const marker = { name: 'SKO_INQUIRY', value: `${process.pid}-${randomBytes(6).toString('hex')}` }
  const inherited = definedOnly(withoutGitRedirections(env))
  const dying = new AbortController()
  const ended = signal ? AbortSignal.any([dying.signal, signal]) : dying.signal
  const stopDyingTogether = endOnSignal(() => {
    dying.abort()
    killMarked(marker.name, marker.value)
  })
  return {
    ask: async question => {
      if (ended.aborted) return { kind: 'none', reason: 'was not asked' }
      const { file, args } = question
      const all = { ...inherited, ...question.env, [marker.name]: marker.value }
      return answerOf(await runHostCall({ file, args, cwd, timeoutSeconds, maxBytes, env: all, signal: ended }))
    },
    close: async () => {
      await endProcesses(trackOwned([marker]), leftoverGraceSeconds)
      stopDyingTogether()
    },
  }
}

function answerOf(result: HostCallResult): Answer {
  const none = (reason: string): Answer => ({ kind: 'none', reason })
  switch (result.kind) {
    case 'exited':
      return result
    case 'timed-out':
      return none('gave no answer in time')
    case 'too-much-output':
      return none('printed more than 64 KiB')
    case 'signaled':
      return none(`was ended by ${result.signal}`)
    case 'status-lost':
      return none('ended without an exit status')
    case 'spawn-failed':
    case 'not-made':
      return none(`could not be started: ${quote(result.message, 200)}`)
  }
}

const deadly: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * The programs have their own groups and do not receive the Ctrl+C that ends us. If nothing else handles a signal, it
 * ends the programs and then us, as it would without this listener.
 */
function endOnSignal(end: () => void): () => void {
  const stop = () => {
    for (const signal of deadly) process.off(signal, onSignal)
  }
  const onSignal = (signal: NodeJS.Signals) => {
    end()
    stop()
    if (process.listenerCount(signal) === 0) process.kill(process.pid, signal)
  }
  for (const signal of deadly) process.on(signal, onSignal)
  return stop
}

function definedOnly(env: Readonly<NodeJS.ProcessEnv>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
