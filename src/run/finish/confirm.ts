import { vouchingFor } from '../../core/judgement/vouching.ts'
import { laneName, satisfiesDependents } from '../../core/mission/lane.ts'
import { quote } from '../../core/text.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'
import { type Decided, longestReason, refused } from '../requests/person.ts'
import { laneHead, missionBranch } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'

type ConfirmContext = Pick<RunContext, 'mission'> & {
  readonly ports: Pick<Ports, 'host' | 'commits' | 'store' | 'clock'>
}

/**
 * Records that a person confirms a WP at one commit. The WP and everything that this commit contains then count as
 * reviewed. No host call is needed: the WP is already approved or done there.
 */
export async function confirm(
  wp: WorkPackage,
  { commit, reason }: { readonly commit: string; readonly reason: string | null },
  { mission, ports }: ConfirmContext,
): Promise<Decided> {
  const { wpId } = wp
  const lane = laneName(wp.lane)
  if (!satisfiesDependents(wp.lane)) {
    return refused(
      `${wpId} is ${lane}: only what is approved or done can be confirmed`,
      'sko status shows what is next',
    )
  }
  const wanted = await ports.commits.resolve(commit)
  if (wanted === null) return refused(`git knows no commit ${quote(commit, 100)}`, 'sko status')
  const possible = await confirmable(wp, { mission, ports })
  if (!possible.includes(wanted)) {
    const [now = 'unknown'] = possible
    return refused(
      `${wpId} is at ${now}, not at ${wanted}: only what would be merged can be confirmed`,
      `look at it, then: sko confirm ${wpId} --commit ${now}`,
    )
  }
  const at = new Date(ports.clock.now()).toISOString()
  const earlier = wp.record.confirmed
  const before = earlier ? { before: [...(earlier.before ?? []), earlier.commit] } : {}
  const own = earlier && wanted !== possible[0] ? { own: earlier.own ?? earlier.commit } : {}
  const words = reason === null ? null : quote(reason, longestReason)
  const confirmed = { commit: wanted, at, reason: words, ...before, ...own }
  const record = { ...wp.record, confirmed, halt: null }
  await ports.store.saveWorkPackage(record)
  const message = `${wpId} (${lane}) is confirmed at ${wanted}`
  return { wp: { ...wp, record }, answer: { done: true, message, hint: null } }
}

/**
 * The commits that a person may confirm: the head of the WP's lane. For a WP that was reviewed or confirmed before, also
 * the heads of the mission's branch and of the target; there the person confirms only the added commits.
 */
async function confirmable({ wpId, record }: WorkPackage, context: ConfirmContext): Promise<readonly string[]> {
  const resolve = (name: string) => context.ports.commits.resolve(name)
  const lane = await laneHead(context, wpId)
  const own = lane ?? (await resolve('HEAD'))
  const isVouched = vouchingFor(record, false) !== null
  const beside = isVouched ? [await resolve(missionBranch(context.mission)), await resolve('HEAD')] : []
  return [own, ...beside].filter(commit => commit !== null)
}
