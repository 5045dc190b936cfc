import type { HostCold } from '../../run/events/trouble-event.ts'
import { type Request, readAnswer, requestLine } from './lines.ts'
import { type Begun, createPendingCalls } from './pending-calls.ts'
import { within } from './within.ts'

/** The connection to the process of a helper. */
export interface Wire {
  send(line: string): void
  onLine(listener: (line: string) => void): void
  /** No line comes any more, and no process is left that could still begin a call. */
  readonly closed: Promise<void>
  /** The process ends by itself, and ends the calls that change nothing. */
  hangUp(): void
  kill(): void
  /** Processor time that the process has used, in seconds; null: it is gone. */
  cpuSeconds(): number | null
  /** Resolves when this call of a dead helper has ended. */
  follow(pid: number): Promise<void>
}

/** A process that has the host imported and forks for each call. */
export interface Helper extends Pick<Wire, 'cpuSeconds'> {
  /** `died` may also mean that it could not be started. */
  readonly ready: Promise<'ready' | 'died' | WhyCold>
  readonly closed: Promise<void>
  begin(request: Request): Promise<Begun>
  /** Ends it as soon as no call is running. */
  retire(): void
  /** Ends it, and the running calls that change nothing. */
  close(): void
}

export type WhyCold = Pick<HostCold, 'cause' | 'detail'>

/** To begin a call is to fork: after this long without an answer the helper is stuck. */
const longestBeginMs = 10_000
/** A killed process is gone before this, if it can die at all. */
const longestDyingMs = 5000

export function createHelper(wire: Wire): Helper {
  const calls = createPendingCalls()
  let isClosed = false
  let isRetired = false
  const closed = wire.closed.then(() => {
    isClosed = true
    calls.settleAll(wire.follow)
  })
  const hangUpIfIdle = () => {
    if (isRetired && calls.count() === 0) wire.hangUp()
  }
  const ready = new Promise<'ready' | 'died' | WhyCold>(resolve => {
    void closed.then(() => resolve('died'))
    wire.onLine(line => {
      const answer = readAnswer(line)
      if (answer === null) wire.kill()
      else if ('ready' in answer) resolve('ready')
      else if ('cold' in answer) resolve({ cause: answer.cold, detail: answer.detail })
      else calls.take(answer)
      hangUpIfIdle()
    })
  })
  return {
    ready,
    closed,
    cpuSeconds: wire.cpuSeconds,
    begin: async request => {
      if (isClosed || isRetired) return { kind: 'refused', changed: false }
      const { id, begun } = calls.add()
      wire.send(requestLine(id, request))
      return (await within(longestBeginMs, begun)) ?? endStuck(wire, begun)
    },
    retire: () => {
      isRetired = true
      hangUpIfIdle()
    },
    close: wire.hangUp,
  }
}

/** The death of the helper settles the call. If it cannot die, nothing is known of the call. */
async function endStuck(wire: Wire, begun: Promise<Begun>): Promise<Begun> {
  wire.kill()
  const unknown: Begun = { kind: 'started', call: { group: undefined, exit: Promise.resolve({ kind: 'status-lost' }) } }
  return (await within(longestDyingMs, begun)) ?? unknown
}
