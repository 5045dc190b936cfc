import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/core/explain/entry.ts'
import { differs, type Replayed, type Rules, replay, rulesOfToday } from '../../src/core/explain/replay.ts'
import { createDecisionLog, decisionsIn } from '../../src/state/decision-log.ts'
import { createIncarnation } from '../run/fakes/incarnation.ts'
import { whole } from '../whole.ts'
import { everything, independent, randomMission } from './random-mission.ts'
import { simulate, worldOf } from './simulate.ts'

/** `npm run test:replay` sets it. */
const runs = Number(process.env.SKO_REPLAY_RUNS ?? (whole ? 50 : 20))
const firstSeed = Number(process.env.SKO_SIM_SEED ?? 1)

/** As they are on the disk. */
function written(entries: readonly Entry[]): string {
  let text = ''
  const fail = (reason: string) => expect.fail(reason)
  const record = createDecisionLog('no such file', fail, (_, lines) => {
    text += lines
  })
  for (const entry of entries) record(entry)
  return text
}

function replayed(text: string, rules: Rules = rulesOfToday): readonly Replayed[] {
  return decisionsIn(text).flatMap(process => {
    if (process.kind !== 'entries') throw new Error(`version ${process.version}`)
    expect(process.brokenLine).toBeNull()
    return replay(process.entries, rules)
  })
}

function missionOf(seed: number, kind: typeof everything) {
  const [drawn] = fc.sample(randomMission(kind), { seed, numRuns: 1 })
  if (!drawn) throw new Error('nothing was drawn')
  return drawn
}

/** Where the replay chooses something else than the run did, with its seed. */
const differences = (seed: number, all: readonly Replayed[]) =>
  all.flatMap(({ entry, decision }) => (decision && differs(decision) ? [{ seed, entry, decision }] : []))

describe('the record of a run', () => {
  it(`is replayed without a difference: ${runs} seeds`, { timeout: 60_000 + runs * 500 }, async () => {
    let decisions = 0
    let bytes = 0
    for (let seed = firstSeed; seed < firstSeed + runs; seed += 1) {
      const { world } = await simulate(missionOf(seed, everything))
      const text = written(world.recorded)
      const all = replayed(text)
      expect(differences(seed, all)).toEqual([])
      decisions += all.filter(({ decision }) => decision !== null).length
      bytes += text.length
    }
    expect(decisions).toBeGreaterThan(10 * runs)
    expect(bytes / decisions).toBeLessThan(400)
  })

  it('is replayed without a difference over processes that were killed', { timeout: 120_000 }, async () => {
    for (let seed = firstSeed; seed < firstSeed + (whole ? 20 : 10); seed += 1) {
      const { world } = worldOf(missionOf(seed, independent))
      for (const killAt of [10 + 7 * seed, 5 + 3 * seed]) {
        await world.time.drive(world.begin(createIncarnation(world.time, killAt)).whole())
      }
      await world.time.drive(world.begin().whole())
      const text = written(world.recorded)
      expect(decisionsIn(text).length).toBeGreaterThan(1)
      expect(differences(seed, replayed(text))).toEqual([])
    }
  })
})
