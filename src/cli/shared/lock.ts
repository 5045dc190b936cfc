import { shellWord } from '../../core/text.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import { identify } from '../../process/table/identity.ts'
import type { Elsewhere, LockOwner } from '../../state/lock-record.ts'
import { acquireRunLock } from '../../state/run-lock.ts'

/** Takes the run lock of the repository; throws an error that names its owner. Returns a function that releases it. */
export function takeLock(kittify: string, runId: string): () => void {
  const self = identify(process.pid)
  if (!self) throw new Error('the system does not report the start time of this process')
  const lock = acquireRunLock(kittify, self, { runId })
  if (lock.kind === 'held') throw heldBy(lock.owner)
  return lock.release
}

export function heldBy({ identity, runId, elsewhere }: LockOwner): OrchestratorError {
  const owns = `run ${runId} owns this repository: process ${identity.pid}`
  const where = elsewhere === null ? '' : ` in another container or pid namespace (host name ${elsewhere.host})`
  return new OrchestratorError({
    code: 'run-locked',
    exitCode: exitCodes.locked,
    message:
      elsewhere?.isAlive === false
        ? `${owns}${where}, and sko cannot tell from here whether it is alive`
        : owns + where,
    hint: wayOut(elsewhere),
  })
}

function wayOut(elsewhere: Elsewhere | null): string {
  if (elsewhere === null) return 'watch it with `sko status`, or stop it with `sko abort`'
  if (elsewhere.isAlive) return 'watch it with `sko status`; stop it with `sko abort` there'
  return `stop it with \`sko abort\` there; if that container is gone: rm ${shellWord(elsewhere.lockFile)}`
}
