import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { whole } from '../whole.ts'
import { beyondBounds, brokenAtEnd, mostReads } from './invariants.ts'
import { everything, randomMission } from './random-mission.ts'
import { simulate } from './simulate.ts'

/** `npm run test:sim` sets them. */
const runs = Number(process.env.SKO_SIM_RUNS ?? (whole ? 400 : 150))
const firstSeed = Number(process.env.SKO_SIM_SEED ?? 1)

const mission = randomMission(everything)

describe('simulator', () => {
  it(`keeps every promise and always ends, whatever happens: ${runs} seeds`, {
    timeout: 60_000 + runs * 500,
  }, async () => {
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      await fc.assert(holds, { seed, numRuns: 1 }).catch(error => {
        const alone = `again, alone: SKO_SIM_SEED=${seed} SKO_SIM_RUNS=1 npm run test:sim`
        throw new Error(`${alone}\n${error.cause?.message}\n${error.message}`)
      })
    }
  })
})

const holds = fc.asyncProperty(mission, async drawn => {
  const { world, watch, ended, elapsedMs } = await simulate(drawn)
  expect(watch.broken).toEqual([])
  for (const { wpId } of drawn.wps) {
    const moves = drawn.moves.filter(move => move.wpId === wpId).length
    expect(beyondBounds(world.store.record(wpId), drawn.config, moves)).toEqual([])
  }
  const movedByPerson = drawn.moves.map(({ wpId }) => wpId)
  expect(ended ? brokenAtEnd(world, ended, movedByPerson) : [...world.agents.live].map(({ wpId }) => wpId)).toEqual([])
  if (drawn.faultiness > 0) return
  const looks = world.host.calls.filter(call => call === 'missionState').length
  expect(looks).toBeLessThanOrEqual(mostReads(world, elapsedMs, drawn.moves.length))
})
