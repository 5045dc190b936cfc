import type { HostCallResult } from '../../process/host-call.ts'
import { type HostFailure, hostFailure } from '../../run/host/host-outcome.ts'
import { redactedLine } from './text.ts'

export interface FailedCall {
  /** The program as configured. */
  readonly program: string
  readonly name: string
  readonly timeoutSeconds: number
}

/** The failure of a call that did not exit by itself. */
export function callFailure(result: Exclude<HostCallResult, { kind: 'exited' }>, call: FailedCall): HostFailure {
  switch (result.kind) {
    case 'timed-out':
      return hostFailure(
        'host-timed-out',
        `${call.name} gave no answer within ${call.timeoutSeconds} s and was ended; whether it took effect is unknown`,
      )
    case 'signaled':
      return hostFailure('host-killed', `${call.name} was ended by ${result.signal}; whether it took effect is unknown`)
    case 'status-lost':
      return hostFailure(
        'host-killed',
        `${call.name} reported no success, and its exit status is lost: the process that started it was ended; whether it took effect is unknown`,
      )
    case 'too-much-output':
      return hostFailure('host-garbage', `${call.name} printed more than 10 MB`)
    case 'spawn-failed':
      return spawnFailure(result.code, result.message, redactedLine(call.program))
    case 'not-made':
      return notMade(result.message)
  }
}

function spawnFailure(code: string, message: string, program: string): HostFailure {
  const detail = redactedLine(message)
  switch (code) {
    case 'E2BIG':
      return hostFailure('invalid-input', 'arguments and environment together are too big for a process')
    case 'ENOENT':
      return hostFailure('host-missing', `${program} was not found, or the interpreter it names is gone (${detail})`)
    case 'EACCES':
      return hostFailure('host-missing', `${program} is not executable (${detail})`)
    default:
      return notMade(`${program} could not be started: ${code} (${message})`)
  }
}

/** Too many processes, no descriptors, a full disk: it may work at the next try. */
function notMade(message: string): HostFailure {
  return hostFailure('call-failed', `the call could not be made: ${redactedLine(message)}`)
}
