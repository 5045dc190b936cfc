import { vouchingFor } from '../../core/judgement/vouching.ts'
import { laneName, satisfiesDependents } from '../../core/mission/lane.ts'
import { quote } from '../../core/text.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { Ports } from '../ports.ts'
import { type Decided, longestReason, refused } from '../requests/person.ts'
import { laneHead, missionBranch } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'

type Desk = Pick<RunContext, 'mission'> & { readonly ports: Pick<Ports, 'host' | 'commits' | 'store' | 'clock'> }

/**
 * A person's word for a WP as it is at one commit: with it the WP counts as reviewed, and so does everything that this
 * commit contains. The host is told nothing: its lane says so already.
 */
export async function confirm(
  wp: WorkPackage,
  { commit, reason }: { readonly commit: string; readonly reason: string | null },
  { mission, ports }: Desk,
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
 * What would be merged of it. Of one that was reviewed or confirmed before also what has come to the branch of the mission
 * or to the target beside it: there it is only that which the person vouches for.
 */
async function confirmable({ wpId, record }: WorkPackage, desk: Desk): Promise<readonly string[]> {
  const resolve = (name: string) => desk.ports.commits.resolve(name)
  const lane = await laneHead(desk, wpId)
  const own = lane ?? (await resolve('HEAD'))
  const isVouched = vouchingFor(record, false) !== null
  const beside = isVouched ? [await resolve(missionBranch(desk.mission)), await resolve('HEAD')] : []
  return [own, ...beside].filter(commit => commit !== null)
}
