import { expect, it } from 'vitest'
import type { PlannedWp } from './fakes/memory-host.ts'
import { approves, type Behaviour, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, wp } from './fakes.ts'

/** Agents take no time, so that nothing but the work causes a call; a call takes as long as one of a warm host. */
const instant: Behaviour = ({ role }) => ({ ...(role === 'implementation' ? implements_ : approves), ms: 10 })

const id = (n: number) => wp(`WP${String(n).padStart(2, '0')}`)
const wide = (count: number): readonly PlannedWp[] => Array.from({ length: count }, (_, n) => ({ wpId: id(n + 1) }))
const chain: readonly PlannedWp[] = wide(4).map(({ wpId }, n) => ({ wpId, dependencies: n === 0 ? [] : [id(n)] }))
const diamond: readonly PlannedWp[] = [
  { wpId: id(1) },
  { wpId: id(2), dependencies: [id(1)] },
  { wpId: id(3), dependencies: [id(1)] },
  { wpId: id(4), dependencies: [id(2), id(3)] },
]

/** The straight path: four changes for each WP, a look at the start, one before and one after the merge, merge and accept. */
const straight = (count: number) => ({
  missionState: 3,
  startImplementation: count,
  transition: 2 * count,
  startReview: count,
  mergeMission: 1,
  acceptMission: 1,
})

const twoMeet = { resolveWorkspace: 1 }

it.each<readonly [string, readonly PlannedWp[], object, number]>([
  ['single', wide(1), straight(1), 9],
  ['chain 4', chain, straight(4), 21],
  ['wide 4', wide(4), straight(4), 21],
  ['wide 12', wide(12), straight(12), 53],
  ['diamond', diamond, { ...straight(4), ...twoMeet }, 22],
  ['diamond in one lane', diamond.map(each => ({ ...each, laneId: 'a' })), { ...straight(4), ...twoMeet }, 22],
])('the calls of the straight path, and no other: %s', async (_, wps, expected, inAll) => {
  const world = createWorld({
    wps,
    behave: instant,
    hostMillis: () => 100,
    config: configOf({ finish: { merge: 'merge' } }),
  })
  await runWorld(world)
  expect(world.host.accepted()).toBe(true)
  const counts: Record<string, number> = {}
  for (const call of world.host.calls) counts[call] = (counts[call] ?? 0) + 1
  expect(counts).toEqual(expected)
  expect(world.host.calls).toHaveLength(inAll)
})
