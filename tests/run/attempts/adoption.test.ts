import { describe, expect, it } from 'vitest'
import { takeOver } from '../../../src/run/attempts/adoption.ts'
import type { EventBody } from '../../../src/run/events/event.ts'
import { look } from '../../../src/run/mission/look.ts'
import type { Leftovers } from '../../../src/run/ports.ts'
import type { LiveAgent } from '../fakes/live-agents.ts'
import { approves, type Behaviour, changesNothing, implements_ } from '../fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from '../fakes.ts'

const minute = 60_000
const three = ['WP01', 'WP02', 'WP03'].map(id => ({ wpId: wp(id) }))
const one = three.slice(0, 1)
const works: Behaviour = ({ role }) => (role === 'review' ? approves : implements_)

/** A run that is killed as soon as this many agents are running, and has been dead for a while. */
async function killedWith(
  agents: number,
  deadMs: number,
  options: Partial<WorldOptions> = {},
  wanted: (agent: LiveAgent) => boolean = () => true,
): Promise<World> {
  const world = createWorld({ wps: three, behave: works, ...options })
  const process = world.begin()
  const kill = async () => {
    const ready = () =>
      Object.values(world.store.state().workPackages).filter(record =>
        record.attempts.some(attempt => attempt.process && !attempt.result),
      ).length
    while ([...world.agents.live].filter(wanted).length < agents || ready() < agents) await world.time.delay(10)
    process.life.kill()
  }
  await world.time.drive(Promise.all([process.whole(), kill()]))
  await world.time.drive(world.time.delay(deadMs))
  world.events.length = 0
  return world
}

function told<T extends EventBody['type']>(world: World, type: T): readonly Extract<EventBody, { type: T }>[] {
  return world.events.filter((event): event is Extract<EventBody, { type: T }> => event.type === type)
}

function resultsOf(world: World, id: string) {
  return world.store.record(wp(id)).attempts.map(({ role, result }) => `${role} ${result?.kind}`)
}

const straight = ['implementation succeeded', 'review succeeded']

describe('an agent that was running when we were killed', () => {
  it.each([
    ['still works', 2_000, true],
    ['has ended unseen', 10 * minute, false],
  ])('and %s: its attempt counts as if we had never been away', async (_, deadMs, running) => {
    const world = await killedWith(3, deadMs)

    await runWorld(world)

    expect(told(world, 'attempt-adopted').map(event => [event.wpId, event.running])).toEqual(
      three.map(({ wpId }) => [wpId, running]),
    )
    expect(told(world, 'orphans-reaped')).toEqual([])
    expect(three.map(({ wpId }) => resultsOf(world, wpId))).toEqual(three.map(() => straight))
    expect(world.agents.finished.filter(({ interrupted }) => interrupted)).toEqual([])
    expect(world.store.record(wp('WP01')).attempts[0]).toMatchObject({
      usage: { costUsd: 0.01 },
      sessionId: expect.stringContaining('session-'),
      endedAt: new Date(Date.parse(world.store.record(wp('WP01')).attempts[0]?.startedAt ?? '') + minute).toISOString(),
    })
  })

  it('as a reviewer: its verdict counts for the commit it was shown', async () => {
    const world = await killedWith(1, 2_000, { wps: one }, ({ role }) => role === 'review')

    await runWorld(world)

    expect(told(world, 'verdict')).toHaveLength(1)
    expect(resultsOf(world, 'WP01')).toEqual(straight)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })

  it('as a reviewer that leaves a commit: it is taken back, and the verdict void', async () => {
    const spoils: Behaviour = ({ role }, index) =>
      role === 'review' ? { ...approves, change: index === 0 ? 'commit' : 'none' } : implements_
    const world = await killedWith(1, 2_000, { wps: one, behave: spoils }, ({ role }) => role === 'review')

    await runWorld(world)

    expect(resultsOf(world, 'WP01')).toEqual(['implementation succeeded', 'review failed', 'review succeeded'])
    const { commits } = world.git.at(world.host.worktreePath(wp('WP01')))
    expect(commits.map(({ by }) => by)).toEqual(['host', 'WP01 implementation'])
  })

  it('and fails: that counts like any failure', async () => {
    const world = await killedWith(1, 2_000, {
      wps: one,
      behave: ({ role }, index) => (role === 'review' ? approves : index === 0 ? changesNothing : implements_),
    })

    await runWorld(world)

    expect(resultsOf(world, 'WP01')).toEqual(['implementation failed', ...straight])
  })

  it('and went down with the machine: it was interrupted, and begins again', async () => {
    const world = await killedWith(1, 0, { wps: one })
    await world.time.drive(world.agents.reboot())

    await runWorld(world)

    expect(told(world, 'attempt-adopted')).toEqual([])
    expect(resultsOf(world, 'WP01')).toEqual(['implementation interrupted', ...straight])
  })

  it.each(['blocked', 'planned'] as const)('on a WP that a person has moved to %s: it is ended', async lane => {
    const world = await killedWith(1, 0, { wps: one })
    world.host.take(wp('WP01'), lane)

    await runWorld(world)

    expect(told(world, 'attempt-adopted')).toEqual([])
    expect(told(world, 'orphans-reaped')).toEqual([{ type: 'orphans-reaped', processes: 1 }])
    expect(resultsOf(world, 'WP01')[0]).toBe('implementation interrupted')
  })

  it('on a WP that a person moves while we follow it: it is ended, and the WP left to them', async () => {
    const world = await killedWith(1, 0, {
      wps: one,
      behave: () => ({ ...implements_, ms: 60 * minute }),
    })
    const process = world.begin()
    const take = async () => {
      await world.time.delay(5 * minute)
      world.host.take(wp('WP01'), 'blocked')
    }

    await world.time.drive(Promise.all([process.whole(), take()]))

    expect(told(world, 'wp-taken-away')).toHaveLength(1)
    expect(world.agents.live.size).toBe(0)
    expect(resultsOf(world, 'WP01')).toEqual(['implementation interrupted'])
  })
})

describe('a run that has adopted agents', () => {
  it('and cannot keep its state ends them, since nothing would follow them', async () => {
    const world = await killedWith(3, 0)
    world.host.take(wp('WP03'), 'blocked')
    const { run } = world.begin()
    const saveWorkPackage = () => Promise.reject(new Error('disk full'))
    const store = { ...run.ports.store, saveWorkPackage }
    const mission = await world.time.drive(look(run.ports.host, run.mission))

    const taken = takeOver({ ...run, ports: { ...run.ports, store } }, mission)

    await expect(world.time.drive(taken)).rejects.toThrow('disk full')
    expect(world.agents.live.size).toBe(0)
  })

  it('and cannot look at all of them ends those it has', async () => {
    const world = await killedWith(3, 0)
    const { run } = world.begin()
    const adopt: Leftovers['adopt'] = (request, control) => {
      if (request.wpId === 'WP02') throw new Error('no such folder')
      return run.ports.leftovers.adopt(request, control)
    }
    const leftovers = { ...run.ports.leftovers, adopt }
    const mission = await world.time.drive(look(run.ports.host, run.mission))

    const taken = takeOver({ ...run, ports: { ...run.ports, leftovers } }, mission)

    await expect(world.time.drive(taken)).rejects.toThrow('no such folder')
    expect([...world.agents.live].map(({ wpId }) => wpId)).toEqual(['WP02', 'WP03'])
  })

  it('stops them in order, keeps their work, and the next one continues from it', async () => {
    const world = await killedWith(1, 0, { wps: one, random: () => 0.9 })
    const process = world.begin()
    const stop = async () => {
      while (told(world, 'attempt-adopted').length === 0) await world.time.delay(10)
      await world.time.delay(10_000)
      process.stop()
    }
    await world.time.drive(Promise.all([process.whole(), stop()]))
    expect(world.agents.live.size).toBe(0)
    expect(resultsOf(world, 'WP01')).toEqual(['implementation interrupted'])

    await runWorld(world)

    expect(resultsOf(world, 'WP01')).toEqual(['implementation interrupted', ...straight])
    expect(world.git.lost).toEqual([])
  })

  it('begins nothing beyond its limits while they work, whatever the limits are now', async () => {
    const world = await killedWith(2, 0, { wps: three, config: configOf({ max_concurrent_wps: 2 }) })
    const most: number[] = []
    world.agents.onStart = () => most.push(world.agents.live.size + 1)

    await runWorld(world, world.begin(undefined, configOf({ max_concurrent_wps: 1 })))

    expect(Math.max(...most)).toBe(1)
    expect(three.map(({ wpId }) => resultsOf(world, wpId))).toEqual(three.map(() => straight))
  })

  it('begins nothing while more of them work than may, and lets a person skip each', async () => {
    const slow = 60 * minute
    const world = await killedWith(3, 0, {
      behave: ({ role, wpId }) =>
        role === 'review' ? approves : wpId === 'WP03' ? { ...implements_, ms: slow } : implements_,
    })
    const process = world.begin(undefined, configOf({ max_concurrent_wps: 1 }))
    const others: string[] = []
    world.agents.onStart = () => others.push([...world.agents.live].map(({ wpId }) => wpId).join())
    const skip = async () => {
      await world.time.delay(10 * minute)
      const answer = await process.ask({ kind: 'skip', wpId: wp('WP03'), reason: null })
      expect(answer).toMatchObject({ done: true })
      expect([...world.agents.live].map(({ wpId }) => wpId)).not.toContain('WP03')
    }

    await world.time.drive(Promise.all([process.whole(), skip()]))

    expect(others).toEqual(['', ''])
    expect(resultsOf(world, 'WP03')).toEqual(['implementation interrupted'])
  })

  it('counts them against what their agent may do at once', async () => {
    const config = configOf({
      agents: { implementation: ['ada'], review: ['bob'], settings: { ada: { max_concurrent: 1 } } },
    })
    const world = await killedWith(1, 0, { config })
    const others: number[] = []
    world.agents.onStart = ({ agent }) =>
      others.push([...world.agents.live].filter(other => other.agent === agent && agent === 'ada').length)

    await runWorld(world)

    expect(Math.max(...others)).toBe(0)
  })

  it('ends those whose ceiling was reached while sko was not running, if configured to stop them', async () => {
    const world = await killedWith(1, 20 * minute, { wps: one, behave: () => ({ ...implements_, ms: 60 * minute }) })
    const budget = { running: 'stop', work_package: { wall_clock_seconds: 600 } }

    const { wpResults } = await runWorld(world, world.begin(undefined, configOf({ budget })))

    expect(resultsOf(world, 'WP01')).toEqual(['implementation interrupted'])
    expect(told(world, 'budget').map(({ level }) => level)).toEqual(['warned', 'reached'])
    expect(wpResults.map(({ heldBy }) => heldBy)).toEqual(['budget'])
  })

  it('books what they used, once', async () => {
    const world = await killedWith(3, 2_000)
    const process = world.begin()
    await runWorld(world, process)
    const [usd] = process.run.budget.used()
    expect(usd).toMatchObject({ unit: 'usd', unknownAttempts: 0 })
    expect(usd?.spent).toBeCloseTo(0.06)
  })

  it('is killed again and again, and they are adopted each time', async () => {
    const world = await killedWith(3, 1_000)
    for (let times = 0; times < 3; times += 1) {
      const process = world.begin()
      const kill = async () => {
        await world.time.delay(12_000)
        process.life.kill()
      }
      await world.time.drive(Promise.all([process.whole(), kill()]))
    }

    await runWorld(world)

    expect(three.map(({ wpId }) => resultsOf(world, wpId))).toEqual(three.map(() => straight))
  })
})
