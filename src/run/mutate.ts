import { laneName, parseLane } from '../core/lane.ts'
import type { Outcome } from '../core/step.ts'
import type { WorkPackage } from '../core/work-package.ts'
import { OrchestratorError } from '../errors.ts'
import { type HostErrorCode, type HostFailure, type HostOutcome, hostFaultCodes } from '../host/outcome.ts'
import { hostError } from './look.ts'
import type { Ports } from './ports.ts'
import type { RunContext } from './run-context.ts'

/** Pauses before a call that failed without an answer is made again: another git may hold `index.lock` for a moment. */
export const faultPausesMs = [2_000, 10_000] as const

/** Whoever makes calls of the mission: a run, or a command without one. */
export interface Caller extends Pick<RunContext, 'mission' | 'stopping'> {
  readonly ports: Pick<Ports, 'host' | 'clock'>
}

type Refused = Extract<Outcome, { kind: 'refused' }>

/**
 * A mutating host call for one WP. After a failure the lane is read back, because the reply may be what was lost; only
 * where nothing happened and the host gave no answer at all is the call made again.
 */
export async function mutate<T>(
  run: Caller,
  wp: WorkPackage,
  call: () => Promise<HostOutcome<T>>,
): Promise<{ readonly kind: 'done'; readonly data: T } | Refused> {
  for (const pause of [...faultPausesMs, null]) {
    const answer = await call()
    if (answer.ok) return { kind: 'done', data: answer.data }
    endRunIfHopeless(answer)
    const lane = await readLane(run, wp)
    const happened = laneName(lane) !== laneName(wp.lane)
    if (happened || !isFault(answer.code) || pause === null) {
      return { kind: 'refused', code: answer.code, message: answer.message, lane }
    }
    await run.ports.clock.sleep(pause, run.stopping)
    if (run.stopping.aborted) return { kind: 'refused', code: answer.code, message: answer.message, lane }
  }
  throw new Error('unreachable: the last pause is null')
}

export function isFault(code: HostErrorCode): boolean {
  return hostFaultCodes.some(fault => fault === code)
}

/** Failures that every further call would meet too. */
const hopeless: readonly HostErrorCode[] = ['host-missing', 'project-outdated', 'host-outdated']

export function endRunIfHopeless(failure: HostFailure): void {
  if (!hopeless.includes(failure.code)) return
  const { code, exitCode, message, hint } = hostError(failure, '')
  throw new OrchestratorError({ code, exitCode, message, hint: `${hint}; then: sko resume` })
}

/** As the host has it now; as we know it, where the host does not answer. */
export async function readLane(run: Caller, wp: WorkPackage) {
  const state = await run.ports.host.missionState({ mission: run.mission })
  if (!state.ok) return wp.lane
  const found = state.data.work_packages.find(other => other.wp_id === wp.wpId)
  return found ? parseLane(found.lane) : wp.lane
}
