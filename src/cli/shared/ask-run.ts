import { setTimeout as sleep } from 'node:timers/promises'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import type { Answer, PersonRequest } from '../../run/requests/requests.ts'
import type { LockOwner } from '../../state/lock-record.ts'
import { isTaken, leaveRequest, readAnswer, withdrawRequest } from '../../state/requests.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { writeOut } from '../terminal/output.ts'

/** A run looks for requests every second, but it may still be starting. */
const takenMs = 10_000
/** Time to stop an agent, including its grace period, and for a few host calls. */
const carriedOutMs = 60_000
const lookMs = 50

const endedBeforeAnswer: Answer = {
  done: false,
  message: 'the run ended before it answered',
  hint: 'see where it is: sko status',
}

/** Asks the live run. Returns null when it ended before it took the request; the request is withdrawn then. */
export async function askRun(kittify: string, owner: LockOwner, request: PersonRequest): Promise<Answer | null> {
  const id = await leaveRequest(kittify, request, Date.now())
  const isOver = () => readRunLock(kittify)?.runId !== owner.runId
  await until(() => isTaken(kittify, id) || isOver() || null, takenMs)
  if (withdrawRequest(kittify, id)) {
    if (isOver()) return null
    throw noAnswer(
      owner,
      `does not answer: it did not take the request in ${takenMs / 1000} s, and the request is withdrawn`,
    )
  }
  const answer = await until(() => {
    // Checked in this order: the run may write the answer just before it ends.
    const over = isOver()
    return readAnswer(kittify, id) ?? (over ? endedBeforeAnswer : null)
  }, carriedOutMs)
  if (answer !== null) return answer
  throw noAnswer(owner, `has not finished the request after ${carriedOutMs / 1000} s`)
}

/** Prints the answer. A refusal becomes an error with a hint. */
export function showAnswer({ done, message, hint }: Answer): ExitCode {
  if (done) {
    writeOut(`${message}\n${hint === null ? '' : `${hint}\n`}`)
    return exitCodes.ok
  }
  throw new OrchestratorError({ code: 'not-done', exitCode: exitCodes.usage, message, hint: hint ?? 'sko status' })
}

/** Returns null when the time is over. */
async function until<T>(look: () => T | null, longestMs: number): Promise<T | null> {
  const deadline = performance.now() + longestMs
  for (;;) {
    const found = look()
    if (found !== null || performance.now() > deadline) return found
    await sleep(lookMs)
  }
}

function noAnswer({ identity, runId }: LockOwner, what: string): OrchestratorError {
  return new OrchestratorError({
    code: 'run-not-answering',
    exitCode: exitCodes.locked,
    message: `run ${runId}, process ${identity.pid}, ${what}`,
    next: [
      { command: 'sko status', why: 'shows where it is' },
      { command: 'sko abort', why: 'stops it' },
    ],
  })
}
