import { OrchestratorError } from '../../src/errors.ts'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import type { Fault } from '../run/fakes/memory-host.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { createWorld, type Ended, type World, type WorldOptions } from '../run/fakes.ts'
import { createWatch, type Watch } from './invariants.ts'
import { type PersonsMove, type RandomMission, scripted } from './random-mission.ts'

export interface Simulated {
  readonly world: World
  readonly watch: Watch
  /** null: the host's failures ended the run. */
  readonly ended: Ended | null
  readonly elapsedMs: number
}

/** A run may wait for limits again and again, each time for hours. */
const longestMs = 4 * 7 * 24 * 3_600_000

/** A world for the mission; what is drawn decides everything in it, so a seed is a reproduction. */
export function worldOf(
  mission: RandomMission,
  more: Partial<Pick<WorldOptions, 'fault' | 'look'>> = {},
): { readonly world: World; readonly watch: Watch } {
  const random = seededRandom(mission.seed)
  const watch = createWatch()
  const { faultiness } = mission
  const world = createWorld({
    ...mission,
    ...scripted(mission, random),
    agentFacts: { resumes: true },
    random,
    fault: () => (faultiness > 0 && random() < faultiness ? drawFault(random) : null),
    onHostEvent: watch.onHostEvent,
    onReport: watch.onReport,
    ...more,
  })
  watch.attach(world)
  return { world, watch }
}

/** One run of the real `run/` and `core/`. */
export async function simulate(mission: RandomMission): Promise<Simulated> {
  const { world, watch } = worldOf(mission)
  const began = world.time.clock.now()
  for (const move of mission.moves) {
    world.time.delay(move.afterMs).then(() => makeMove(world, watch, move))
  }
  const ended = await world.time.drive(world.begin().whole(), longestMs).catch(error => {
    if (mission.faultiness > 0 && error instanceof OrchestratorError) return null
    throw error
  })
  return { world, watch, ended, elapsedMs: world.time.clock.now() - began }
}

function makeMove({ host, store }: World, watch: Watch, { wpId, to }: PersonsMove): void {
  const from = host.lane(wpId)
  if (from === to || from === 'done' || from === 'canceled' || from === 'approved' || host.merged()) return
  const untouched = to === 'planned' && store.record(wpId).attempts.length === 0
  const asWeLeftIt = host.events.findLast(event => event.wpId === wpId)?.to === to
  host.take(wpId, to)
  // Found there, it is taken for a rejection of ours whose reply was lost.
  const likeOurs = from === 'in_review' && to === 'in_progress'
  watch.onPersonsMove(wpId, untouched || asWeLeftIt || likeOurs)
}

function drawFault(random: () => number): Fault {
  const luck = random()
  if (luck < 0.4) return 'lost-reply'
  if (luck < 0.6) return hostFailure('host-timed-out', 'no answer in time')
  if (luck < 0.8) return hostFailure('host-defect', 'OSError: index.lock')
  return hostFailure('TRANSITION_REJECTED', 'as the host likes')
}
