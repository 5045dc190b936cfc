import { laneName } from '../../core/mission/lane.ts'
import { quote } from '../../core/text.ts'
import { withFreshCounters } from '../../core/work-package/fresh-start.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'
import type { RunContext } from '../run-context.ts'
import { type Caller, mutate } from '../steps/mutate.ts'
import type { Answer } from './requests.ts'

/** What carrying out a person's decision needs. A live run has it; a command can build it without one. */
export type DecisionContext = Caller & Pick<RunContext, 'config' | 'agents'> & { readonly ports: Pick<Ports, 'store'> }

/** `wp`: the WP afterwards; null when nothing was done. */
export interface Decided {
  readonly wp: WorkPackage | null
  readonly answer: Answer
}

export const longestReason = 1_000

/** Moves a blocked WP back to in_progress at the host. Its counters are reset, its findings stay. */
export async function unblock(wp: WorkPackage, reason: string | null, context: DecisionContext): Promise<Decided> {
  const agent = context.agents.facts('implementation')[0]
  if (!agent) return refused('no agent is configured for the implementation', 'agents.implementation')
  const record = withFreshCounters(wp.record, context.ports.clock.now())
  // Saved before the host call: if we die in between, the counters are already reset.
  await context.ports.store.saveWorkPackage(record)
  const policy = context.agents.policy(agent.id, 'implementation')
  const note = noteOf('retry', reason)
  const to = 'in_progress'
  const answer = await mutate(context, wp, () =>
    context.ports.host.transition({ mission: context.mission, wpId: wp.wpId, to, policy, note }),
  )
  if (answer.kind === 'refused' && laneName(answer.lane) !== to) return refusedByHost(answer)
  return { wp: { ...wp, lane: to, record }, answer: moved(wp, to, null) }
}

/**
 * Cancels a WP for good. Measured (3.2.7): with a person's note the host lets dependent WPs start, without one it does
 * not. Its accept-mission refuses a mission with a canceled WP.
 */
export async function cancel(wp: WorkPackage, reason: string | null, context: DecisionContext): Promise<Decided> {
  const to = 'canceled'
  const { wpId } = wp
  // The host requires a review result for every move out of in_review.
  const reference = `review/${wpId}/skipped`
  const reviewResult = { reviewer: context.config.actor, verdict: 'changes_requested', reference } as const
  const answer = await mutate(context, wp, () =>
    context.ports.host.transition({
      mission: context.mission,
      wpId,
      to,
      note: noteOf('skipped', reason),
      ...(wp.lane === 'in_review' ? { reviewResult } : {}),
    }),
  )
  if (answer.kind === 'refused' && laneName(answer.lane) !== to) return refusedByHost(answer)
  const { laneBranch } = wp.record
  const hint = [
    ...(laneBranch === null ? [] : [`its work so far stays on ${laneBranch}, and a merge by the host includes it`]),
    'work packages that depend on it may start',
    `sko neither merges nor accepts a mission with a canceled work package; once the others are done, a person has to accept it: ${acceptByHand(context.mission)}`,
  ].join('\n')
  return { wp: { ...wp, lane: to }, answer: moved(wp, to, hint) }
}

/** Measured (3.2.7): this host command accepts a mission with canceled WPs, but it has many other conditions. */
export function acceptByHand(mission: string): string {
  return `spec-kitty accept --mission ${mission}`
}

/** Why the WP cannot be skipped now; null when it can. */
export function whyNotSkipped({ wpId, lane }: WorkPackage): string | null {
  switch (lane) {
    case 'approved':
    case 'done':
    case 'canceled':
      return `${wpId} is already ${lane}`
    default:
      return typeof lane === 'string' ? null : `the lane of ${wpId}, '${laneName(lane)}', is unknown to this version`
  }
}

function moved({ wpId, lane }: WorkPackage, to: string, hint: string | null): Answer {
  return { done: true, message: `${wpId} ${laneName(lane)} -> ${to}`, hint }
}

function noteOf(what: string, reason: string | null): string {
  return `${what}: ${reason === null ? 'asked for by a person' : quote(reason, longestReason)}`
}

export function refused(message: string, hint: string | null): Decided {
  return { wp: null, answer: { done: false, message, hint } }
}

function refusedByHost({ code, message }: { readonly code: string; readonly message: string }): Decided {
  return refused(`the host refused it (${code}): ${message}`, 'sko status shows the lane as the host sees it')
}
