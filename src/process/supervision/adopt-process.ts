import { setTimeout as sleep } from 'node:timers/promises'
import type { ProcessIdentity } from '../../core/work-package/work-package.ts'
import type { AgentEnd, AttemptControl } from '../../run/ports.ts'
import { endProcesses } from '../table/end-processes.ts'
import { identify, isAlive } from '../table/identity.ts'
import { trackOwned } from '../table/ownership.ts'
import { ageMs, isRunning, type Marker, readProcess } from '../table/process-table.ts'
import { withMarker } from '../table/process-tree.ts'
import { type Exit, readStatus, statusMarker } from './exit-status.ts'
import { aborted, type LifeSpec, leftoverGraceSeconds, superviseToEnd } from './process-life.ts'

export interface AdoptionSpec extends LifeSpec {
  readonly statusFile: string
  readonly marker: Marker
  /** null: we died after starting it and before recording it. */
  readonly leader: ProcessIdentity | null
  /** As recorded, in milliseconds since the epoch. */
  readonly startedAtMs: number
}

export interface AdoptedProcess {
  /** False: it ended while sko was not running; its result is used. */
  readonly running: boolean
  readonly ended: Promise<{ readonly end: AgentEnd; readonly elapsedMs: number }>
}

/** One look costs a tenth of a millisecond. */
const pollMs = 200

/** There is no exit status: KILL ended the shell above the agent, or both. */
const killed: Exit = { kind: 'signaled', signal: 'SIGKILL' }

/**
 * While sko was not running, these signals came from the machine or the session and say nothing about the agent's work.
 */
const fromOutside = ['SIGHUP', 'SIGINT', 'SIGTERM']

/**
 * Takes over an agent started by `runProcess` in an earlier process of ours. null: it is not running and left no exit
 * status, so its end is unknown; nothing was signalled.
 */
export function adoptProcess(spec: AdoptionSpec, control: AttemptControl): AdoptedProcess | null {
  const leader = leaderOf(spec)
  if (leader !== null) return { running: true, ended: follow(spec, control, leader) }
  // It existed before its shell was gone.
  const status = readStatus(spec.statusFile)
  if (status === null) return null
  const { exit, writtenAtMs } = status
  const end = exit.kind === 'signaled' && fromOutside.includes(exit.signal) ? aborted : exit
  // The clock may have been set since, and an agent can give its files any time.
  const elapsedMs = Math.max(0, Math.min(writtenAtMs, Date.now()) - spec.startedAtMs)
  return { running: false, ended: clearUp(spec).then(() => ({ end, elapsedMs })) }
}

/** Only a proven identity: a bare pid may belong to another process by now. */
function leaderOf({ leader, statusFile }: AdoptionSpec): ProcessIdentity | null {
  if (leader !== null) return isAlive(leader) ? leader : null
  const found = withMarker([statusMarker(statusFile)]).find(entry => entry.pid === entry.pgid)
  return found ? identify(found.pid) : null
}

async function follow(spec: AdoptionSpec, control: AttemptControl, leader: ProcessIdentity) {
  const ranMs = Math.max(0, ageMs(leader) ?? Date.now() - spec.startedAtMs)
  const adoptedAt = performance.now()
  const over = new AbortController()
  const exit = untilGone(leader, over.signal).then(() => readStatus(spec.statusFile)?.exit ?? killed)
  const onSpawn = spec.leader === null ? control.onSpawn : async () => {}
  try {
    const end = await superviseToEnd(spec, { ...control, onSpawn }, { leader, exit, ranMs }, trackOwned([spec.marker]))
    return { end, elapsedMs: ranMs + performance.now() - adoptedAt }
  } finally {
    over.abort()
  }
}

/** We are not its parent, so the system does not notify us. */
async function untilGone({ pid, startTime }: ProcessIdentity, signal: AbortSignal): Promise<void> {
  for (;;) {
    const entry = readProcess(pid)
    if (signal.aborted || entry?.startTime !== startTime || !isRunning(entry)) return
    await sleep(pollMs, undefined, { signal }).catch(() => undefined)
  }
}

async function clearUp({ marker }: AdoptionSpec): Promise<void> {
  await endProcesses(trackOwned([marker]), leftoverGraceSeconds)
}
