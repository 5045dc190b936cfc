import type { CallExit, StartedCall } from '../../process/host-call.ts'
import { signalName } from './follow-orphan.ts'
import type { CallAnswer } from './lines.ts'

export type Begun =
  | { readonly kind: 'started'; readonly call: StartedCall }
  /** It was not made. `changed`: because the installation is another one now. */
  | { readonly kind: 'refused'; readonly changed: boolean }

/** The calls that a helper was asked for and that have not ended. */
export interface PendingCalls {
  add(): { readonly id: number; readonly begun: Promise<Begun> }
  take(answer: CallAnswer): void
  /** The helper has died: what did not begin was not made, the others end by themselves. */
  settleAll(follow: (pid: number) => Promise<void>): void
  count(): number
}

interface Pending {
  readonly begun: (begun: Begun) => void
  readonly exited: (exit: CallExit) => void
  readonly exit: Promise<CallExit>
  /** null until it has begun. */
  pid: number | null
}

export function createPendingCalls(): PendingCalls {
  const pending = new Map<number, Pending>()
  let lastId = 0
  return {
    add() {
      const [begun, resolveBegun] = promise<Begun>()
      const [exit, exited] = promise<CallExit>()
      const id = ++lastId
      pending.set(id, { begun: resolveBegun, exited, exit, pid: null })
      return { id, begun }
    },
    take(answer) {
      const call = pending.get(answer.id)
      if (call === undefined) return
      if ('started' in answer) {
        call.pid = answer.started
        call.begun({ kind: 'started', call: { group: answer.started, exit: call.exit, warm: true } })
        return
      }
      pending.delete(answer.id)
      if ('refused' in answer) call.begun({ kind: 'refused', changed: answer.refused === 'changed' })
      // Ended without `started`: it was killed before it began.
      else if (call.pid === null) call.begun({ kind: 'refused', changed: false })
      else if ('signal' in answer) call.exited({ kind: 'signaled', signal: signalName(answer.signal) })
      else call.exited({ kind: 'exited', exitCode: answer.exit })
    },
    settleAll(follow) {
      for (const { pid, begun, exited } of pending.values()) {
        if (pid === null) begun({ kind: 'refused', changed: false })
        else void follow(pid).then(() => exited({ kind: 'status-lost' }))
      }
      pending.clear()
    },
    count: () => pending.size,
  }
}

function promise<T>(): readonly [Promise<T>, (value: T) => void] {
  let settle: (value: T) => void = () => undefined
  const settled = new Promise<T>(resolve => {
    settle = resolve
  })
  return [settled, settle]
}
