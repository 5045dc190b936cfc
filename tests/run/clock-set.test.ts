import { describe, expect, it } from 'vitest'
import { createIncarnation } from './fakes/incarnation.ts'
import { approves, type Behaviour, fails, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const hour = 3_600_000
const two = [{ wpId: wp('WP01') }, { wpId: wp('WP02'), dependencies: [wp('WP01')] }]

const costing: Behaviour = ({ role }) => {
  const action = role === 'review' ? approves : implements_
  return { ...action, report: { ...action.report, usage: { inputTokens: 1, outputTokens: 1, costUsd: 1 } } }
}

/** Everything of a run in which the wall clock is set by `ms` as WP01 is done, and which is then killed or not. */
async function withClockSet(ms: number, more: Partial<WorldOptions> = {}): Promise<World> {
  const world: World = createWorld({
    wps: two,
    behave: costing,
    onHostEvent: ({ wpId, to }, here) => {
      if (wpId === 'WP01' && to === 'approved') here.time.set(ms)
    },
    ...more,
  })
  await runWorld(world)
  return world
}

describe.each([
  ['an hour back', -hour],
  ['an hour forward', hour],
  ['a day back', -24 * hour],
])('a wall clock that is set %s', (_, ms) => {
  it('lets a later process of the run forget nothing of what was spent', async () => {
    const world = await withClockSet(ms)
    const used = world.begin().run.budget.used()
    expect(used.find(({ unit }) => unit === 'usd')).toMatchObject({ spent: 4, unknownAttempts: 0 })
  })

  it('between a kill and the resume leaves the end and the calls as they are', async () => {
    const world: World = createWorld({ wps: two, behave: costing })
    await world.time.drive(world.begin(createIncarnation(world.time, 40)).whole())
    world.time.set(ms)
    await runWorld(world)
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    expect(world.agents.finished).toHaveLength(4)
  })

  it('does not end the time of a WP, of which its agents used little', async () => {
    const config = configOf({ budget: { work_package: { wall_clock_seconds: 300 }, running: 'stop' } })
    const world: World = createWorld({ wps: two, behave: costing, config })
    const set = world.time.delay(30_000).then(() => world.time.set(ms))
    await world.time.drive(Promise.all([world.begin().whole(), set]))
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    expect(world.agents.finished.map(({ interrupted }) => interrupted)).toEqual([false, false, false, false])
  })

  it('delays nothing by more than it was set: what waits for a limit continues, with few calls', async () => {
    let calls = 0
    const world: World = createWorld({
      wps: two,
      config: configOf({ agents: { implementation: ['ada'], review: ['bob'] } }),
      behave: ({ role }) => {
        calls += 1
        return role === 'review' ? approves : calls === 1 ? fails('rate-limit') : implements_
      },
    })
    const began = world.time.clock.now() + ms
    const set = world.time.delay(50_000).then(() => world.time.set(ms))
    await world.time.drive(Promise.all([world.begin().whole(), set]))
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    expect(calls).toBe(5)
    expect(world.time.clock.now() - began).toBeLessThan(Math.abs(ms) + hour)
  })

  it('does not make an agent cool down again, whose limit is over', async () => {
    const world: World = createWorld({
      wps: [...two, { wpId: wp('WP03'), dependencies: [wp('WP02')] }],
      config: configOf({ agents: { implementation: ['ada'], review: ['bob'] } }),
      behave: ({ role, wpId }, index) => {
        if (role === 'review') return approves
        return wpId === 'WP01' && index === 0 ? fails('rate-limit') : implements_
      },
      onHostEvent: ({ wpId, to }, here) => {
        if (wpId === 'WP01' && to === 'for_review') here.time.set(ms)
      },
    })
    const began = world.time.clock.now() + ms
    await runWorld(world)
    expect(world.time.clock.now() - began).toBeLessThan(hour / 2)
    expect(world.events.filter(({ type }) => type === 'wp-waiting')).toHaveLength(1)
  })
})

it('a review by the one agent that does everything begins when the clock is set back behind the work', async () => {
  const world = await withClockSet(-24 * hour, {
    config: configOf({ agents: { single_agent_mode: { agent: 'ada', delay_seconds: 90 } } }),
    onHostEvent: ({ to }, here) => {
      if (to === 'for_review') here.time.set(-24 * hour)
    },
  })
  expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
})
