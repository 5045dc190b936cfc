import { exitCodes, OrchestratorError } from '../errors.ts'
import { identify } from '../process/identity.ts'
import { acquireRunLock, type LockOwner } from '../state/run-lock.ts'

/** Takes the run lock of the repository, or says who holds it. Returns how to give it back. */
export function takeLock(kittify: string, runId: string): () => void {
  const self = identify(process.pid)
  if (!self) throw new Error('the system does not tell the start time of this very process')
  const lock = acquireRunLock(kittify, self, { runId })
  if (lock.kind === 'held') throw heldBy(lock.owner)
  return lock.release
}

function heldBy(owner: LockOwner): OrchestratorError {
  return new OrchestratorError({
    code: 'run-locked',
    exitCode: exitCodes.locked,
    message: `run ${owner.runId} owns this repository: process ${owner.identity.pid}`,
    hint: 'watch it with `sko status`, or stop it with `sko abort`',
  })
}
