import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HostClient } from '../../src/run/host/host-client.ts'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import { oddLooks } from '../run/fakes/odd-looks.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'
import { runWorld, type World } from '../run/fakes.ts'
import { whole } from '../whole.ts'
import { brokenAtEnd } from './invariants.ts'
import { independent, randomMission } from './random-mission.ts'
import { worldOf } from './simulate.ts'

/** When the host is odd, and how. */
interface Spell {
  readonly fromMs: number
  readonly forMs: number
  /** An odd look by its name, or a failure of every change. */
  readonly how: string
}

const everyChange: Readonly<Record<string, () => ReturnType<typeof hostFailure>>> = {
  'a lock': () => hostFailure('host-defect', 'OSError: index.lock'),
  'a full disk': () => hostFailure('LANE_ALLOCATION_FAILED', 'fatal: cannot create directory: No space left on device'),
  'files away': () => hostFailure('WP_NOT_FOUND', 'Work package not found'),
  'the program away': () => hostFailure('host-missing', 'spec-kitty is not there'),
}
const changes: readonly (keyof HostClient)[] = ['startImplementation', 'startReview', 'transition']

const spells = fc.array(
  fc.record({
    // The first look of all may refuse.
    fromMs: fc.integer({ min: 4_000, max: 900_000 }),
    forMs: fc.integer({ min: 1, max: 240_000 }),
    how: fc.constantFrom(...Object.keys(oddLooks), ...Object.keys(everyChange), 'another branch', 'new lanes'),
  }),
  { minLength: 1, maxLength: 4 },
)

function outcomeOf(world: World) {
  return { lanes: world.host.lanes(), merged: world.host.merged(), acceptances: world.host.acceptances() }
}

/** What befalls a host for a while; oddities of a pair in any mission are still oddities. */
function befall(world: World, spell: Spell, random: () => number): void {
  const { time, host } = world
  const away = () => host.switchTo(spell.how === 'another branch' ? 'elsewhere' : 'work')
  time.delay(spell.fromMs).then(() => {
    if (spell.how === 'new lanes') relane(world, random)
    else away()
  })
  time.delay(spell.fromMs + spell.forMs).then(() => host.switchTo('work'))
}

/** Those that were not begun are given other lanes, as when a person finalizes the mission again. */
function relane({ host, planned }: World, random: () => number): void {
  for (const { wpId } of planned) {
    if (host.lane(wpId) === 'planned') host.relane(wpId, `lane-${String.fromCharCode(97 + Math.floor(random() * 4))}`)
  }
}

/** `npm run test:full` sets it for all simulators; a fiftieth of that here. */
const runs = Math.max(whole ? 60 : 20, Math.ceil(Number(process.env.SKO_SIM_RUNS ?? 0) / 50))

describe('odd answers for some minutes, at any moment', () => {
  it('change nothing about the end, and no promise is broken on the way', {
    timeout: 60_000 + runs * 3_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(randomMission(independent), spells, async (mission, drawn) => {
        const { world: calm } = worldOf(mission)
        await runWorld(calm)

        const isOdd = (spell: Spell) => {
          const at = world.time.passed()
          return at >= spell.fromMs && at < spell.fromMs + spell.forMs
        }
        const now = () => drawn.filter(isOdd).map(({ how }) => how)
        const { world, watch } = worldOf(mission, {
          look: truth => {
            const look = now().flatMap(how => oddLooks[how] ?? [])[0]
            return look ? look(truth) : { ok: true, data: truth }
          },
          fault: command =>
            changes.includes(command) ? (now().flatMap(how => everyChange[how]?.() ?? [])[0] ?? null) : null,
        })
        const random = seededRandom(mission.seed)
        for (const spell of drawn) befall(world, spell, random)
        const ended = await runWorld(world)

        expect(watch.broken).toEqual([])
        expect(brokenAtEnd(world, ended)).toEqual([])
        expect(outcomeOf(world)).toEqual(outcomeOf(calm))
      }),
      { numRuns: runs },
    )
  })
})
