import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoggedEvent, SkoResult } from '../../cli/support/run-sko.ts'
import { laneEvents } from '../../e2e/support/host-record.ts'
import type { CellWorld } from '../world.ts'

/** I3: after exit 0 all that was asked for is so: each WP done by an approval of the run or by a person's word, merged, accepted. */
export async function notAsSaid(
  world: CellWorld,
  result: SkoResult,
  events: readonly LoggedEvent[],
): Promise<readonly string[]> {
  if (result.exitCode !== 0) return []
  const perWp = await Promise.all(world.workPackages.map(({ id }) => wpNotAsSaid(world, id, events)))
  const accepted = acceptedBy(world) ? [] : ['I3: exit 0, and the host has not accepted the mission']
  return [...perWp.flat(), ...accepted]
}

async function wpNotAsSaid(world: CellWorld, wpId: string, events: readonly LoggedEvent[]): Promise<readonly string[]> {
  const lane = laneEvents(world).findLast(event => event.wp_id === wpId)?.to_lane
  const wrongLane = lane === 'done' || lane === 'approved' ? [] : [`I3: exit 0, and ${wpId} is ${lane}`]
  const word = events.findLast(event => /^(?:verdict|confirmed)$/.test(event.type) && event.wpId === wpId)
  const approval = word?.type === 'confirmed' || word?.verdict === 'approved' ? word : undefined
  if (!approval) return [...wrongLane, `I3: exit 0, and nobody approved ${wpId}`]
  const contained = await world.git('merge-base', '--is-ancestor', String(approval.commit), 'work').then(
    () => true,
    () => false,
  )
  return [
    ...wrongLane,
    ...(contained ? [] : [`I3: exit 0, and the target lacks ${approval.commit}, approved for ${wpId}`]),
  ]
}

/** In coord topology the host records it in the coordination worktree alone. */
function acceptedBy({ repo, mission }: CellWorld): unknown {
  const inCheckout = join('kitty-specs', mission, 'meta.json')
  const inCoord = join(repo, '.worktrees', `${mission}-coord`, inCheckout)
  const file = existsSync(inCoord) ? inCoord : join(repo, inCheckout)
  return JSON.parse(readFileSync(file, 'utf8')).accepted_by
}
