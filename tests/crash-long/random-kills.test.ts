import pLimit from 'p-limit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { makeTemplate, type Template } from './support/crash-mission.ts'
import { type Undisturbed, undisturbedRun } from './support/kills.ts'
import { killedAtRandom, type RandomKills } from './support/random-kills.ts'
import { createScore } from './support/score.ts'

const runs = Number(process.env.SKO_CRASH_RUNS ?? 200)
const firstSeed = Number(process.env.SKO_CRASH_SEED ?? 1)
const atOnce = Number(process.env.SKO_CRASH_AT_ONCE ?? 2)

let template: Template
let calm: Undisturbed

beforeAll(async () => {
  template = await makeTemplate({
    shape: { WP01: [] },
    rules: [{ role: 'review', do: 'reject-once', times: 0 }],
    config: ['finish: { merge: merge }'],
  })
  calm = await undisturbedRun(template)
})

afterAll(() => template?.dispose())

it(`${runs} runs, each killed every 50 to 500 ms until it ends by itself`, async () => {
  const score = createScore('random kills')
  const limit = pLimit(atOnce)
  const results: RandomKills[] = []
  const seeds = Array.from({ length: runs }, (_, index) => firstSeed + index)
  await Promise.all(
    seeds.map(seed =>
      limit(async () => {
        const result = await killedAtRandom(template, seededRandom(seed), calm.outcome)
        results.push(result)
        score.add(`seed ${seed}`, result)
      }),
    ),
  )
  const kills = results.map(result => result.kills).toSorted((a, b) => a - b)
  const longer = results.filter(result => result.windowMs > 500).length
  console.log(`${score.summary()}
  kills per run: median ${kills[runs >> 1]}, most ${kills.at(-1)}; ${longer} runs needed lives beyond 500 ms`)
  expect(score.failures).toEqual([])
})
