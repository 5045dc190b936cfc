import { describe, expect, it } from 'vitest'
import { approves, type Behaviour, fails, implements_ } from './fakes/scripted-agents.ts'
import { createWorld, runWorld, type WorldOptions, wp } from './fakes.ts'

const lasting =
  (ms: number): Behaviour =>
  ({ role }) => ({ ...(role === 'implementation' ? implements_ : approves), ms })

/** With the time of each look at the mission and each end of a WP. */
function watched(options: WorldOptions) {
  const at: { readonly what: string; readonly ms: number }[] = []
  const note = (what: string) => at.push({ what, ms: world.time.passed() })
  const world = createWorld({
    hostMillis: () => 100,
    ...options,
    fault: command => {
      if (command === 'missionState') note('look')
      return null
    },
    onHostEvent: ({ wpId, to }) => {
      if (to === 'approved' || to === 'blocked') note(`${wpId} ${to}`)
    },
  })
  return { world, at, looks: () => at.filter(({ what }) => what === 'look').map(({ ms }) => ms) }
}

const chain = [
  { wpId: wp('WP01') },
  { wpId: wp('WP02'), dependencies: [wp('WP01')] },
  { wpId: wp('WP03'), dependencies: [wp('WP02')] },
]

describe('the host is asked for the mission', () => {
  it('as the run begins, and when nothing is left to do, not for each WP that the run completes', async () => {
    const { world, at } = watched({ wps: chain, behave: lasting(1_000) })
    await runWorld(world)
    const seen = at.map(({ what }) => what)
    expect(seen).toEqual(['look', 'WP01 approved', 'WP02 approved', 'WP03 approved', 'look'])
  })

  it('every half minute, however many WPs end meanwhile', async () => {
    const { world, looks } = watched({ wps: chain, behave: lasting(17_000) })
    await runWorld(world)
    const pauses = looks().map((ms, n) => ms - (looks()[n - 1] ?? 0))
    // A look takes 100 ms.
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30_200)
    expect(looks().length).toBe(Math.ceil(world.time.passed() / 30_000) + 1)
  })

  it('again, when a WP ended in another way: what is known of it may be old', async () => {
    const { world, at } = watched({
      wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
      behave: (request, index) =>
        request.wpId === 'WP01' ? { ...fails('refused'), ms: 100 } : lasting(5_000)(request, index),
    })
    await runWorld(world)
    const seen = at.map(({ what }) => what)
    // The host would also block a WP that someone else has moved, so its lane is read first.
    expect(seen).toEqual(['look', 'look', 'WP01 blocked', 'look', 'WP02 approved', 'look'])
  })
})
