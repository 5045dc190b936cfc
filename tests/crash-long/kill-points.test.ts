import pLimit from 'p-limit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { type KillPoint, makeTemplate, type Template } from './support/crash-mission.ts'
import { killed, type Undisturbed, undisturbedRun } from './support/kills.ts'
import { createScore } from './support/score.ts'
import { threeWps } from './support/three-wps.ts'

/** How many missions at once: each keeps about one processor busy. */
const atOnce = Number(process.env.SKO_CRASH_AT_ONCE ?? 2)
/** The points from this one on, every so many; or one alone, or some one after the other: `SKO_CRASH_ONLY=120` or `=120,44`. */
const from = Number(process.env.SKO_CRASH_FROM ?? 1)
const step = Number(process.env.SKO_CRASH_STEP ?? 1)
/** Only points of such names, e.g. `spawn host`. */
const named = new RegExp(process.env.SKO_CRASH_POINTS ?? '')
const only = process.env.SKO_CRASH_ONLY?.split(',').map(Number)
const pairs = Number(process.env.SKO_CRASH_PAIRS ?? 60)
const chains = Number(process.env.SKO_CRASH_CHAINS ?? 20)
/** The start of a resume alone has some 40 points. */
const ofStart = 40

let template: Template
let calm: Undisturbed

beforeAll(async () => {
  template = await makeTemplate(threeWps)
  calm = await undisturbedRun(template)
})

afterAll(() => template?.dispose())

/** Two work packages go side by side: the names stay what their numbers do not. */
function byName(n: number): KillPoint {
  const names = calm.points.map(point => point.replace(/^\d+ /, ''))
  const at = names[n - 1]
  if (at === undefined) throw new Error(`the undisturbed run has ${names.length} points`)
  return { at, nth: names.slice(0, n).filter(name => name === at).length }
}

async function killAll(title: string, all: readonly (readonly number[])[]): Promise<void> {
  const score = createScore(title)
  const limit = pLimit(atOnce)
  const killOne = async (kills: readonly number[]): Promise<void> => {
    const points = kills.map((n, index) => (index === 0 ? byName(n) : { n }))
    const result = await killed(template, points, calm.outcome)
    score.add(kills.slice(0, Math.max(1, result.killedAt.length)).join(','), result)
  }
  await Promise.all(all.map(kills => limit(killOne, kills)))
  console.log(score.summary())
  expect(score.failures).toEqual([])
}

describe('kill -9 of a mission of three work packages with one rejection', () => {
  it('at every point of the run', async () => {
    expect(calm.points.length).toBeGreaterThan(500)
    const points = calm.points.flatMap((name, index) => (index + 1 >= from && named.test(name) ? [[index + 1]] : []))
    const chosen = points.filter((_, index) => index % step === 0)
    await killAll('single kills', only ? [only] : chosen)
  })

  it(`at ${pairs} pairs of points: a run and its first resume`, async () => {
    const random = seededRandom(1)
    const drawn = Array.from({ length: pairs }, () => {
      const first = 1 + Math.floor(random() * calm.points.length)
      const rest = Math.max(ofStart, calm.points.length - first)
      return [first, 1 + Math.floor(random() * rest)]
    })
    await killAll('pairs of kills', drawn)
  })

  it(`again and again, each process at a newly drawn point, until one ends by itself: ${chains} missions`, async () => {
    const random = seededRandom(2)
    const drawn = Array.from({ length: chains }, () =>
      Array.from({ length: 200 }, () => 1 + Math.floor(random() * 3 * ofStart)),
    )
    await killAll('chains of kills', drawn)
  })
})
