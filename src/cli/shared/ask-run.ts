import { setTimeout as sleep } from 'node:timers/promises'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import type { Answer, PersonRequest } from '../../run/requests/requests.ts'
import type { LockOwner } from '../../state/lock-record.ts'
import { isTaken, leaveRequest, readAnswer, withdrawRequest } from '../../state/requests.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { writeOut } from '../terminal/output.ts'

/** A run looks every second, but may be in the middle of its start. */
const takenMs = 10_000
/** Stopping an agent takes its grace, and the host a few seconds per call. */
const obeyedMs = 60_000
const lookMs = 50

const endedOnTheWay: Answer = {
  done: false,
  message: 'the run ended on the way',
  hint: 'see how far it came: sko status',
}

/** Asks the living run; null: it ended before it took the request, which is withdrawn. */
export async function askRun(kittify: string, owner: LockOwner, request: PersonRequest): Promise<Answer | null> {
  const id = await leaveRequest(kittify, request, Date.now())
  const isOver = () => readRunLock(kittify)?.runId !== owner.runId
  await until(() => isTaken(kittify, id) || isOver() || null, takenMs)
  if (withdrawRequest(kittify, id)) {
    if (isOver()) return null
    throw silent(owner, `does not take requests: none was taken in ${takenMs / 1000} s, and this one is withdrawn`)
  }
  const answer = await until(() => {
    // In this order: the last thing it does may be the answer.
    const over = isOver()
    return readAnswer(kittify, id) ?? (over ? endedOnTheWay : null)
  }, obeyedMs)
  if (answer !== null) return answer
  throw silent(owner, `is still at it after ${obeyedMs / 1000} s`)
}

/** What came of it, on stdout; a refusal is an error with its way out. */
export function showAnswer({ done, message, hint }: Answer): ExitCode {
  if (done) {
    writeOut(`${message}\n${hint === null ? '' : `${hint}\n`}`)
    return exitCodes.ok
  }
  throw new OrchestratorError({ code: 'not-done', exitCode: exitCodes.usage, message, hint: hint ?? 'sko status' })
}

/** null: the time is over. */
async function until<T>(look: () => T | null, longestMs: number): Promise<T | null> {
  const deadline = performance.now() + longestMs
  for (;;) {
    const found = look()
    if (found !== null || performance.now() > deadline) return found
    await sleep(lookMs)
  }
}

function silent({ identity, runId }: LockOwner, what: string): OrchestratorError {
  return new OrchestratorError({
    code: 'run-silent',
    exitCode: exitCodes.locked,
    message: `run ${runId}, process ${identity.pid}, ${what}`,
    hint: 'look at it with: sko status   or stop it with: sko abort',
  })
}
