import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createIncarnation } from '../run/fakes/incarnation.ts'
import { runWorld, type World } from '../run/fakes.ts'
import { whole } from '../whole.ts'
import { brokenAtEnd } from './invariants.ts'
import { independent, randomMission } from './random-mission.ts'
import { worldOf } from './simulate.ts'

/** Where the mission stands at its end: all that a crash on the way must not change. */
function outcomeOf(world: World) {
  return { lanes: world.host.lanes(), merged: world.host.merged(), acceptances: world.host.acceptances() }
}

/** After a kill -9 the agents live on and are adopted; after a restart of the machine none is there. */
describe('a crash at any moment', () => {
  it('changes nothing about the end, once or twice in a row', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        randomMission(independent),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.option(fc.nat(60)),
        fc.boolean(),
        async (mission, moment, second, reboots) => {
          const { world: calm } = worldOf(mission)
          const undisturbed = calm.begin()
          await runWorld(calm, undisturbed)

          const { world, watch } = worldOf(mission)
          const firstKill = 1 + Math.floor(moment * undisturbed.life.passed())
          for (const killAt of [firstKill, second === null ? null : second + 1]) {
            if (killAt === null) continue
            await world.time.drive(world.begin(createIncarnation(world.time, killAt)).whole())
            await world.time.drive(world.time.delay(mission.seed % 120_000))
            if (reboots) await world.time.drive(world.agents.reboot())
          }
          const ended = await runWorld(world)

          expect(watch.broken).toEqual([])
          expect(brokenAtEnd(world, ended)).toEqual([])
          expect(outcomeOf(world)).toEqual(outcomeOf(calm))
        },
      ),
      { numRuns: whole ? 200 : 40 },
    )
  })
})
