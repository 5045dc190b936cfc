import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrchestratorError } from '../../src/errors.ts'
import { hostFailure } from '../../src/host/outcome.ts'
import type { Fault } from '../run/fakes/memory-host.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { createWorld, type Ended, type World } from '../run/fakes.ts'
import { brokenAtEnd, createWatch, mostReads, type Watch } from './invariants.ts'
import { behaviourOf, everything, type RandomMission, randomMission } from './random-mission.ts'

interface Simulated {
  readonly world: World
  readonly watch: Watch
  /** null: the host's failures ended the run. */
  readonly ended: Ended | null
  readonly elapsedMs: number
}

/** One run of the real `run/` and `core/`; what is drawn decides everything, so a seed is a reproduction. */
async function simulate(mission: RandomMission, faultiness: number): Promise<Simulated> {
  const random = seededRandom(mission.seed)
  const watch = createWatch()
  const world = createWorld({
    ...mission,
    behave: behaviourOf(mission, random),
    random,
    fault: () => (random() < faultiness ? drawFault(random) : null),
    onHostEvent: watch.onHostEvent,
    onReport: watch.onReport,
  })
  watch.attach(world)
  const began = world.time.clock.now()
  const ended = await world.time.drive(world.begin().whole()).catch(error => {
    if (faultiness > 0 && error instanceof OrchestratorError) return null
    throw error
  })
  return { world, watch, ended, elapsedMs: world.time.clock.now() - began }
}

function drawFault(random: () => number): Fault {
  const luck = random()
  if (luck < 0.4) return 'lost-reply'
  if (luck < 0.6) return hostFailure('host-timed-out', 'no answer in time')
  if (luck < 0.8) return hostFailure('host-defect', 'OSError: index.lock')
  return hostFailure('TRANSITION_REJECTED', 'as the host likes')
}

describe('simulator', () => {
  it('keeps every promise and always ends, whatever the agents do', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomMission(everything), async mission => {
        const { world, watch, ended, elapsedMs } = await simulate(mission, 0)
        expect(watch.broken).toEqual([])
        expect(ended && brokenAtEnd(world, ended)).toEqual([])
        expect(world.host.calls.filter(call => call === 'missionState').length).toBeLessThanOrEqual(
          mostReads(world, elapsedMs),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('keeps them when the host fails now and then', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(randomMission(everything), async mission => {
        const { world, watch, ended } = await simulate(mission, 0.05)
        expect(watch.broken).toEqual([])
        expect(ended ? brokenAtEnd(world, ended) : [...world.agents.live].map(({ wpId }) => wpId)).toEqual([])
      }),
      { numRuns: 200 },
    )
  })
})
