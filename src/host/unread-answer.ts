import { unreadOutput } from '../process/unread-output.ts'
import { type HostOutcome, hostFailure } from '../run/host/host-outcome.ts'
import { readEnvelope } from './answer/envelope.ts'

export interface UnreadAnswer<T> {
  readonly name: string
  /** The file with what the host prints. */
  readonly answerFile: string
  readonly timeoutSeconds: number
  readonly read: (exitCode: number, stdout: string, stderr: string) => HostOutcome<T>
}

/**
 * The answer to a call whose caller died before it arrived; the call outlives us. null: it did not report success, so
 * it must be made again. The exit code is lost, so the host's own report of success must be enough.
 */
export async function unreadAnswer<T>(call: UnreadAnswer<T>): Promise<HostOutcome<T> | null> {
  const { name, answerFile, timeoutSeconds, read } = call
  const output = await unreadOutput(answerFile, text => readEnvelope(text).kind !== 'none', timeoutSeconds)
  if (output.kind === 'at-work') {
    const who = `process ${output.writers.join(', ')} can still write to ${answerFile}`
    const message = `${name}, called earlier, gave no answer within another ${timeoutSeconds} s: ${who}`
    return hostFailure('host-timed-out', message)
  }
  const outcome = read(0, output.text, '')
  return outcome.ok ? outcome : null
}
