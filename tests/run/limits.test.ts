import { describe, expect, it } from 'vitest'
import { withFreshCounters } from '../../src/core/work-package/fresh-start.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { createIncarnation } from './fakes/incarnation.ts'
import { approves, type Behaviour, fails, implements_ } from './fakes/scripted-agents.ts'
import { seededRandom } from './fakes/virtual-time.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const ids = Array.from({ length: 12 }, (_, index) => wp(`WP${String(index + 1).padStart(2, '0')}`))
const twelve = ids.map(wpId => ({ wpId }))
const pair = { implementation: ['ada'], review: ['bob'] }
const fourAtOnce = configOf({ max_concurrent_wps: 4, agents: pair })

interface Timed {
  readonly at: number
  readonly event: EventBody
}

/** A world whose reviewer is at its limit for 20 s from the first call on, so often in a row. */
function limitedWorld(cooldowns: number, more: Partial<WorldOptions> = {}) {
  const timed: Timed[] = []
  let left = cooldowns
  let until = 0
  const behave: Behaviour = request => {
    if (request.role === 'implementation') return implements_
    const now = world.time.clock.now()
    if (now >= until && left > 0) {
      left -= 1
      // It says so after a second.
      until = now + 21_000
    }
    return now < until ? fails('usage-limit', { ms: 1_000 }, new Date(until).toISOString()) : approves
  }
  const world: World = createWorld({
    wps: twelve,
    config: fourAtOnce,
    ...more,
    behave,
    onReport: event => {
      timed.push({ at: world.time.clock.now(), event })
      more.onReport?.(event)
    },
  })
  const of = <Type extends EventBody['type']>(type: Type) =>
    timed.flatMap(({ at, event }) => (isOf(event, type) ? [{ ...event, at }] : []))
  return { world, of }
}

function isOf<Type extends EventBody['type']>(
  event: EventBody,
  type: Type,
): event is Extract<EventBody, { type: Type }> {
  return event.type === type
}

function wasted(world: World): number {
  const attempts = ids.flatMap(id => world.store.record(id).attempts)
  return attempts.filter(({ result }) => result?.kind === 'failed').length
}

function expectDoneInOneCycle(world: World): void {
  expect(Object.values(world.host.lanes())).toEqual(ids.map(() => 'approved'))
  expect(ids.map(id => world.store.record(id).cycle)).toEqual(ids.map(() => 1))
  expect(world.agents.live.size).toBe(0)
}

describe('12 WPs, four agents at once, the only reviewer at its limit for 20 s', () => {
  it.each([1, 2, 3, 4].flatMap(seed => [1, 2].map(cooldowns => [seed, cooldowns] as const)))(
    'seed %i: %i cooldown(s) in a row waste as many calls, and burn no cycle',
    async (seed, cooldowns) => {
      const { world, of } = limitedWorld(cooldowns, { random: seededRandom(seed) })
      const { finish } = await runWorld(world)
      expect(finish).toMatchObject({ complete: true })
      expectDoneInOneCycle(world)
      expect(wasted(world)).toBe(cooldowns)
      const told = of('cooldown')
      expect(told).toHaveLength(cooldowns)
      for (const { at, until } of told) {
        const calls = of('attempt-started').filter(({ role, at: began }) => role === 'review' && began > at)
        expect(calls.filter(({ at: began }) => began < Date.parse(until))).toEqual([])
      }
      expect(world.agents.most()).toBe(4)
    },
  )

  it.each([1, 2, 3, 4])('seed %i: the same with kill -9 during the wait', async seed => {
    const onReport = (event: EventBody) => {
      if (event.type === 'wp-waiting') process.life.kill()
    }
    const { world, of } = limitedWorld(1, { random: seededRandom(seed), onReport })
    const process = world.begin(createIncarnation(world.time))
    expect(await world.time.drive(process.whole())).toBeNull()
    const [cooldown] = of('cooldown')
    const killedAt = world.time.clock.now()
    expect(killedAt).toBeLessThan(Date.parse(cooldown?.until ?? ''))

    const { finish } = await runWorld(world)

    expect(finish).toMatchObject({ complete: true })
    expectDoneInOneCycle(world)
    expect(wasted(world)).toBe(1)
    const reviews = of('attempt-started').filter(({ role, at }) => role === 'review' && at >= killedAt)
    expect(Math.min(...reviews.map(({ at }) => at))).toBeGreaterThanOrEqual(Date.parse(cooldown?.until ?? ''))
  })
})

it('one call, not four, shows that an agent is signed out', async () => {
  const world = createWorld({
    wps: twelve,
    config: configOf({ max_concurrent_wps: 4, agents: { implementation: ['ada', 'bob'], review: ['bob'] } }),
    behave: ({ role, agent }) => {
      if (role === 'review') return approves
      return agent === 'ada' ? fails('auth', { ms: 2_000 }) : implements_
    },
  })
  await runWorld(world)
  expectDoneInOneCycle(world)
  expect(world.agents.finished.filter(({ request }) => request.agent === 'ada')).toHaveLength(1)
})

describe('a WP that waits for a limit', () => {
  it('leaves its slot to another: with one slot, the next is implemented meanwhile', async () => {
    const { world, of } = limitedWorld(1, {
      wps: twelve.slice(0, 2),
      config: configOf({ max_concurrent_wps: 1, agents: pair }),
    })
    await runWorld(world)
    const [waiting] = of('wp-waiting')
    expect(waiting?.wpId).toBe('WP01')
    const other = of('attempt-started').find(({ wpId }) => wpId === 'WP02')
    expect(other?.at).toBeLessThan(Date.parse(waiting?.until ?? ''))
    expect(world.agents.most()).toBe(1)
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
  })

  it('is held where limits.on_usage_limit is stop: its lane stays, and the next run continues', async () => {
    const config = configOf({ agents: pair, limits: { on_usage_limit: 'stop' } })
    const { world, of } = limitedWorld(1, { wps: twelve.slice(0, 2), config })
    const first = await runWorld(world)
    expect(first.finish).toMatchObject({ complete: false, next: [{ command: 'sko resume' }] })
    const lanes = Object.values(world.host.lanes())
    expect(lanes.every(lane => lane === 'for_review' || lane === 'in_review')).toBe(true)
    expect(first.wpResults[0]).toMatchObject({
      heldBy: 'limit',
      reason: 'bob: usage-limit: as the test wants it (limits.on_usage_limit is stop)',
    })
    expect(of('needs-person')).toEqual([])

    const tooEarly = await runWorld(world)
    expect(tooEarly.finish?.complete).toBe(false)
    expect(Object.values(world.host.lanes())).toEqual(lanes)
    await world.time.drive(world.time.delay(60_000))
    const second = await runWorld(world)
    expect(second.finish).toMatchObject({ complete: true })
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved'])
    expect(wasted(world)).toBe(1)
  })

  it('goes to the other agent where it is switch', async () => {
    const config = configOf({ max_concurrent_wps: 4, limits: { on_usage_limit: 'switch' } })
    const { world, of } = limitedWorld(1, { config })
    await runWorld(world)
    expectDoneInOneCycle(world)
    const reviewers = of('attempt-started').flatMap(({ role, agent }) => (role === 'review' ? [agent] : []))
    expect(new Set(reviewers)).toEqual(new Set(['bob', 'ada']))
  })

  it('asks a person where it would wait for longer than limits.max_wait_seconds', async () => {
    const config = configOf({ agents: pair, limits: { max_wait_seconds: 15 } })
    const { world, of } = limitedWorld(1, { wps: twelve.slice(0, 2), config })
    const { finish } = await runWorld(world)
    expect(finish).toMatchObject({
      complete: false,
      next: [{ command: 'sko retry WP01' }, { command: 'sko retry WP02' }, { command: 'sko resume' }],
    })
    expect(Object.values(world.host.lanes())).toEqual(['blocked', 'blocked'])
    expect(of('needs-person')[0]?.reason).toMatch(
      /^bob cannot be used until 2026-\S+, a longer wait than limits.max_wait_seconds \(15\): usage-limit: /,
    )
  })
})

it('one agent for everything reviews its own work only after agents.single_agent_mode.delay_seconds', async () => {
  const single_agent_mode = { agent: 'ada', delay_seconds: 90 }
  const started: { readonly role: string; readonly agent: string; readonly at: number }[] = []
  const world: World = createWorld({
    wps: [{ wpId: wp('WP01') }],
    config: configOf({ agents: { single_agent_mode } }),
    behave: ({ role }) => (role === 'implementation' ? implements_ : approves),
    onReport: event => {
      if (event.type === 'attempt-started') started.push({ ...event, at: world.time.clock.now() })
    },
  })
  await runWorld(world)
  expect(world.host.lanes()).toEqual({ WP01: 'approved' })
  expect(started.map(({ role, agent }) => `${role} ${agent}`)).toEqual(['implementation ada', 'review ada'])
  const implemented = world.store.record(wp('WP01')).attempts[0]?.endedAt ?? ''
  const waited = (started[1]?.at ?? 0) - Date.parse(implemented)
  expect(waited).toBeGreaterThanOrEqual(90_000)
  expect(waited).toBeLessThan(100_000)
})

describe('limits.max_wait_seconds', () => {
  const hour = 3_600_000
  const endless = (count: number, behave: Behaviour = () => fails('usage-limit', { ms: 2_000 })) => {
    const config = configOf({ max_concurrent_wps: 4, agents: pair, limits: { max_wait_seconds: 21_600 } })
    const world = createWorld({ wps: twelve.slice(0, count), config, behave })
    const began = world.time.clock.now()
    return { world, hours: () => (world.time.clock.now() - began) / hour }
  }

  it('is the wait for the limit, not for one WP after the other: five WPs wait six hours, not thirty', async () => {
    const { world, hours } = endless(5)
    await runWorld(world)
    expect(Object.values(world.host.lanes())).toEqual(Array.from({ length: 5 }, () => 'blocked'))
    expect(hours()).toBeLessThan(7)
    expect(hours()).toBeGreaterThan(4)
    // The pauses grow to an hour: a call for each.
    expect(world.agents.finished.length).toBeLessThanOrEqual(9)
  })

  it('begins again for a WP of which a person says retry, and for a limit that comes later', async () => {
    const { world, hours } = endless(1)
    await runWorld(world)
    const first = world.agents.finished.length
    const before = hours()
    const process = world.begin()
    world.host.put(wp('WP01'), 'in_progress')
    const retried = withFreshCounters(world.store.record(wp('WP01')), world.time.clock.now())
    await world.time.drive(process.run.ports.store.saveWorkPackage(retried))
    await runWorld(world, process)
    expect(hours() - before).toBeGreaterThan(4)
    expect(world.agents.finished.length).toBeGreaterThan(first + 3)
  })

  it('is not used up by limits between which the agent worked', async () => {
    let calls = 0
    const { world } = endless(12, ({ role }) => {
      if (role === 'review') return approves
      calls += 1
      return calls % 4 === 0 ? implements_ : fails('usage-limit', { ms: 2_000 })
    })
    await runWorld(world)
    expect(Object.values(world.host.lanes())).toEqual(Array.from({ length: 12 }, () => 'approved'))
  })
})
