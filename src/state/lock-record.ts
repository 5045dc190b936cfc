import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { quote } from '../core/text.ts'
import type { ProcessIdentity } from '../core/work-package/work-package.ts'
import { readRegular } from '../files/read-regular.ts'
import { isAlive } from '../process/table/identity.ts'
import { readBootId } from '../process/table/process-table.ts'
import { hasLivenessReader } from './liveness-pipe.ts'

const lockRecord = z.object({
  pid: z.int(),
  startTime: z.string(),
  bootId: z.string(),
  runId: z.string(),
  released: z.boolean(),
  // Missing in records of earlier versions.
  pidNamespace: z.string().nullable().default(null),
  host: z.string().default('unknown'),
})

export type LockRecord = z.infer<typeof lockRecord>

export interface LockOwner {
  readonly identity: ProcessIdentity
  readonly runId: string
  /** null: it shares our pid namespace, so its pid is valid here. */
  readonly elsewhere: Elsewhere | null
}

/** An owner whose processes we cannot see, for example in a container. */
export interface Elsewhere {
  /** Its host name; in a container, the container's id. */
  readonly host: string
  readonly lockFile: string
  /** False: it cannot be determined from here. */
  readonly isAlive: boolean
}

export function newLockRecord(self: ProcessIdentity, runId: string): LockRecord {
  return { ...self, runId, released: false, pidNamespace: readPidNamespace(), host: hostname() }
}

/** null: it released the lock, or ended. */
export function livingOwner(lockFile: string, record: LockRecord | null): LockOwner | null {
  if (record === null || record.released) return null
  const { pid, startTime, bootId, runId, host } = record
  const identity = { pid, startTime, bootId }
  if (!isForeign(record)) return isAlive(identity) ? { identity, runId, elsewhere: null } : null
  const sign = hasLivenessReader(`${lockFile}.alive`)
  return sign === false ? null : { identity, runId, elsewhere: { host: quote(host), lockFile, isAlive: sign ?? false } }
}

/** In another pid namespace on this same kernel. A reboot ends it as well. */
export function isForeign({ bootId, pidNamespace }: LockRecord): boolean {
  const ours = readPidNamespace()
  return bootId === readBootId() && pidNamespace !== null && ours !== null && pidNamespace !== ours
}

/** null: unreadable. A living owner's file is never half-written, because it is linked when complete. */
export function readLockRecord(path: string): LockRecord | null {
  const text = readRegular(path).toString()
  try {
    return lockRecord.parse(JSON.parse(text))
  } catch {
    return null
  }
}

/** null: this system has none, or does not report it. */
function readPidNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return null
  }
}
