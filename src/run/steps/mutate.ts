import { type Lane, laneName, parseLane } from '../../core/mission/lane.ts'
import { continueAfterThat } from '../../core/next-command.ts'
import type { RefusalReason } from '../../core/work-package/refusal.ts'
import type { Outcome } from '../../core/work-package/step.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import { OrchestratorError } from '../../errors.ts'
import { type HostErrorCode, type HostFailure, type HostOutcome, hostFaultCodes } from '../host/host-outcome.ts'
import { checkSummary } from '../mission/check-summary.ts'
import { hostError } from '../mission/look.ts'
import type { Ports } from '../ports.ts'
import type { RunContext } from '../run-context.ts'

/** Pauses before a call that failed without an answer is made again: another git may hold `index.lock` for a moment. */
export const faultPausesMs = [2_000, 10_000] as const

/** The caller of the host: a run, or a command without one. */
export interface Caller extends Pick<RunContext, 'mission' | 'stopping'> {
  readonly ports: Pick<Ports, 'host' | 'clock'>
}

type Refused = Extract<Outcome, { kind: 'refused' }>

/**
 * A mutating host call for one WP. After a failure the lane is read back, because only the reply may be lost. The call is
 * repeated only if the lane has not changed and the host gave no answer. If the lane cannot be read, only that read is
 * repeated.
 */
export async function mutate<T>(
  run: Caller,
  wp: WorkPackage,
  call: () => Promise<HostOutcome<T>>,
): Promise<{ readonly kind: 'done'; readonly data: T } | Refused> {
  const pauses: number[] = [...faultPausesMs]
  const rest = async (): Promise<boolean> => {
    const pause = pauses.shift()
    if (pause === undefined || run.stopping.aborted) return false
    await run.ports.clock.sleep(pause, run.stopping)
    return !run.stopping.aborted
  }
  for (;;) {
    const answer = await call()
    if (answer.ok) return { kind: 'done', data: answer.data }
    const { code } = answer
    let lane = await readBack(run, wp)
    while (lane === null && (await rest())) lane = await readBack(run, wp)
    if (lane === null) return refusedStep(answer, wp.lane)
    const happened = laneName(lane) !== laneName(wp.lane)
    if (happened || !isFault(code) || !(await rest())) return refusedStep(answer, lane)
  }
}

/** The host's answer in the form that core uses. */
export function refusedStep({ code, message }: Pick<HostFailure, 'code' | 'message'>, lane: Lane): Refused {
  return { kind: 'refused', reason: reasons[code] ?? 'other', mayPass: mayPass(code, message), code, message, lane }
}

const reasons: Partial<Record<HostErrorCode, RefusalReason>> = {
  WP_ALREADY_CLAIMED: 'claimed-by-others',
  TRANSITION_REJECTED: 'move-rejected',
  LANE_ALLOCATION_FAILED: 'no-lane-worktree',
}

export function isFault(code: HostErrorCode): boolean {
  return hostFaultCodes.some(fault => fault === code)
}

/**
 * The host does not find the mission or the WP, for example while another branch is checked out or a file is saved. Or a
 * dependency was moved, or the WP's file changed, since we looked.
 */
const passingRefusals: readonly HostErrorCode[] = ['MISSION_NOT_FOUND', 'WP_NOT_FOUND', 'DEPENDENCIES_NOT_SATISFIED']

/** Whether the refusal may pass by itself, or when a person acts during the run. */
export function mayPass(code: HostErrorCode, message: string): boolean {
  if (code === 'invalid-input') return false
  // Measured: these two reasons concern the worktree, not a lock, the disk or a permission.
  if (code === 'LANE_ALLOCATION_FAILED') return !/uncommitted changes|conflict/i.test(message)
  return isFault(code) || passingRefusals.includes(code)
}

/** Failures that every further call would have too. */
const hopeless: readonly HostErrorCode[] = ['host-missing', 'project-outdated', 'host-outdated', 'branch-protected']

export function endRunIfHopeless(failure: HostFailure): void {
  if (!hopeless.includes(failure.code)) return
  const { code, exitCode, message, hint } = hostError(failure, '')
  const next = [continueAfterThat]
  throw new OrchestratorError({ code, exitCode, message, hint, next })
}

/** The lane at the host now, or the one that we know when the host does not answer. */
export async function readLane(run: Caller, wp: WorkPackage): Promise<Lane> {
  return (await readBack(run, wp)) ?? wp.lane
}

/** null without an answer, or if it contradicts itself (without the coordination worktree every WP reads as planned). */
async function readBack(run: Caller, wp: WorkPackage): Promise<Lane | null> {
  const state = await run.ports.host.missionState({ mission: run.mission })
  if (!state.ok || state.data.mission_slug !== run.mission || checkSummary(state.data) !== null) return null
  const found = state.data.work_packages.find(other => other.wp_id === wp.wpId)
  return found ? parseLane(found.lane) : null
}
