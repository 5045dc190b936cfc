import { describe, expect, it } from 'vitest'
import { OrchestratorError } from '../../src/errors.ts'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import { approves, type Behaviour, fails, implements_, rejects } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from './fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const lanesOf = (world: World) => Object.values(world.host.lanes())
const eventsOf = (world: World, type: string) => world.events.filter(event => event.type === type)

describe('the straight path', () => {
  it('makes four calls that change something per WP, and one read per decision', async () => {
    // Shorter than the half minute after which the host is looked at anyway.
    const behave: Behaviour = request => ({ ...straight(request, 0), ms: 5_000 })
    const world = createWorld({ wps: [{ wpId: wp('WP01') }], behave, topology: 'lanes' })
    const { wpResults, finish } = await runWorld(world)
    expect(world.host.calls).toEqual([
      'missionState',
      'startImplementation',
      'transition',
      'startReview',
      'transition',
      'missionState',
      'acceptMission',
    ])
    expect(wpResults[0]).toMatchObject({ node: { lane: 'approved' }, reason: null })
    expect(finish).toMatchObject({ complete: true, accepted: true, merged: false })
  })

  it('takes a diamond with one rejection to done, each WP after what it depends on', async () => {
    const world = createWorld({
      wps: [
        { wpId: wp('WP01') },
        { wpId: wp('WP02'), dependencies: [wp('WP01')] },
        { wpId: wp('WP03'), dependencies: [wp('WP01')] },
        { wpId: wp('WP04'), dependencies: [wp('WP02'), wp('WP03')] },
      ],
      behave: request =>
        request.role === 'review' && request.wpId === 'WP02' && request.cycle === 1 ? rejects : straight(request, 0),
    })
    await runWorld(world)
    expect(lanesOf(world)).toEqual(['approved', 'approved', 'approved', 'approved'])
    const started = world.events.flatMap(event =>
      event.type === 'attempt-started' && event.role === 'implementation' ? [event.wpId] : [],
    )
    expect(started[0]).toBe('WP01')
    expect(started.at(-1)).toBe('WP04')
    expect(started.filter(wpId => wpId === 'WP02')).toHaveLength(2)
  })

  it('gives the findings of the rejection to the next attempt and to the next reviewer', async () => {
    const world = createWorld({
      wps: [{ wpId: wp('WP01') }],
      behave: request => (request.role === 'review' && request.cycle === 1 ? rejects : straight(request, 0)),
    })
    await runWorld(world)
    const prompts = world.agents.finished.map(({ prompt }) => prompt)
    expect(prompts.map(prompt => prompt.includes('it is wrong'))).toEqual([false, false, true, true])
    expect(prompts[2]).toContain('Rework')
    expect(
      world.host.events.find(event => event.from === 'in_review' && event.to === 'in_progress')?.input,
    ).toMatchObject({ reviewResult: { reviewer: 'bob', verdict: 'changes_requested', reference: 'review/WP01/c1-a2' } })
  })
})

describe('gates', () => {
  const five = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05'].map(id => ({ wpId: wp(id) }))

  it.each([1, 2, 3])('runs at most %i agents at once, and that many', async max => {
    const world = createWorld({ wps: five, behave: straight, config: configOf({ max_concurrent_wps: max }) })
    await runWorld(world)
    expect(world.agents.most()).toBe(max)
    expect(lanesOf(world)).toEqual(five.map(() => 'approved'))
  })

  it('runs one agent at once where its settings say so, and the others with it', async () => {
    const settings = { ada: { max_concurrent: 1 } }
    const world = createWorld({
      wps: five,
      behave: straight,
      config: configOf({ agents: { implementation: ['ada'], settings } }),
    })
    let mostAda = 0
    world.agents.onStart = starting => {
      const agents = [...world.agents.live, starting].filter(({ agent }) => agent === 'ada')
      mostAda = Math.max(mostAda, agents.length)
    }
    await runWorld(world)
    expect(mostAda).toBe(1)
    expect(world.agents.most()).toBeGreaterThan(1)
  })

  it('never puts two WPs into one lane worktree at once', async () => {
    const wps = five.map(({ wpId }) => ({ wpId, laneId: 'lane-a' }))
    const world = createWorld({ wps, behave: straight })
    await runWorld(world)
    expect(world.agents.most()).toBe(1)
    expect(lanesOf(world)).toEqual(five.map(() => 'approved'))
  })

  it('does not start an agent that met its limit while others waited for its slot', async () => {
    const config = configOf({ agents: { implementation: ['ada'], settings: { ada: { max_concurrent: 1 } } } })
    const world = createWorld({
      wps: five,
      config,
      behave: (request, index) =>
        request.role === 'implementation' && index === 0 && world.agents.finished.length === 0
          ? fails('usage-limit')
          : straight(request, index),
    })
    await runWorld(world)
    expect(eventsOf(world, 'cooldown')).toHaveLength(1)
    const first = world.events.findIndex(event => event.type === 'cooldown')
    const waiting = world.events
      .slice(first + 1)
      .find(event => event.type === 'attempt-started' || event.type === 'looked')
    expect(waiting?.type).toBe('looked')
    expect(lanesOf(world)).toEqual(five.map(() => 'approved'))
  })
})

describe('what needs a person', () => {
  it('does not keep the others from their end', async () => {
    const world = createWorld({
      wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }, { wpId: wp('WP03'), dependencies: [wp('WP01')] }],
      behave: request => (request.wpId === 'WP01' ? fails('refused') : straight(request, 0)),
    })
    const { wpResults, finish } = await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'blocked', WP02: 'approved', WP03: 'planned' })
    expect(wpResults.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('refused'),
      null,
      'it waits for WP01 (blocked)',
    ])
    expect(finish).toMatchObject({ complete: false, next: [{ command: 'sko retry WP01' }, { command: 'sko resume' }] })
    expect(eventsOf(world, 'needs-person')).toMatchObject([{ wpId: 'WP01', next: [{ command: 'sko retry WP01' }] }])
  })

  it('is nothing, where a WP waits for a limit and a slot: the host is not asked over and over', async () => {
    const world = createWorld({
      wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
      config: configOf({ max_concurrent_wps: 1, agents: { implementation: ['ada'] } }),
      behave: (request, index) => {
        if (request.role === 'review') return { ...approves, ms: 3_600_000 }
        return request.wpId === 'WP01' && index === 0 ? fails('rate-limit') : implements_
      },
    })
    await runWorld(world)
    expect(lanesOf(world)).toEqual(['approved', 'approved'])
    const halfMinutes = (2 * 3_600_000) / 30_000
    expect(world.host.calls.filter(call => call === 'missionState').length).toBeLessThan(halfMinutes + 20)
  })

  it('ends although a WP that waited for a limit was moved on by a person', async () => {
    const world = createWorld({ wps: [{ wpId: wp('WP01') }], behave: () => fails('usage-limit') })
    const ended = world.begin().whole()
    const moved = world.time.delay(120_000).then(() => world.host.put(wp('WP01'), 'done'))
    await world.time.drive(Promise.all([ended, moved]), 2 * 3_600_000)
    expect((await ended)?.wpResults[0]).toMatchObject({ node: { lane: 'done' }, unvouched: true })
  })

  it('is said for a WP whose lane worktree the host does not name, once', async () => {
    const world = createWorld({
      wps: [
        { wpId: wp('WP01'), lane: 'in_progress', owner: 'somebody', laneId: null },
        { wpId: wp('WP02') },
        { wpId: wp('WP03') },
      ],
      behave: straight,
    })
    const { wpResults } = await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'in_progress', WP02: 'approved', WP03: 'approved' })
    expect(wpResults[0]?.reason).not.toBeNull()
    expect(world.host.calls.filter(call => call === 'resolveWorkspace').length).toBeLessThan(10)
  })

  it('is said for what waits for a canceled WP, after the host was asked', async () => {
    const world = createWorld({
      wps: [
        { wpId: wp('WP01'), lane: 'canceled' },
        { wpId: wp('WP02'), dependencies: [wp('WP01')] },
      ],
      behave: straight,
    })
    const { wpResults } = await runWorld(world)
    expect(wpResults.map(({ reason }) => reason)).toEqual([
      expect.stringContaining('canceled'),
      expect.stringContaining('canceled'),
    ])
    expect(world.host.calls.filter(call => call === 'listReady')).toHaveLength(1)
    expect(world.events.filter(({ type }) => type === 'needs-person')).toMatchObject([
      { wpId: 'WP02', reason: expect.stringContaining('does not release'), next: [{ command: 'sko resume' }] },
    ])
  })
})

describe('the end of a run', () => {
  const two = [{ wpId: wp('WP01') }, { wpId: wp('WP02') }]

  it('waits for the running agents when the host cannot be read any more', async () => {
    let silent = false
    const world = createWorld({
      wps: two,
      behave: request => ({ ...straight(request, 0), ms: request.wpId === 'WP01' ? 1_000 : 7_200_000 }),
      fault: command =>
        silent && command === 'missionState' ? hostFailure('host-defect', 'PermissionError: events') : null,
      onHostEvent: ({ wpId, to }) => {
        silent ||= wpId === 'WP01' && to === 'approved'
      },
    })
    await expect(runWorld(world)).rejects.toThrow(OrchestratorError)
    expect([...world.agents.live]).toEqual([])
  })

  it('keeps the work of agents that a signal ended, starts nothing new, and continues where it was', async () => {
    const wps = [...two, { wpId: wp('WP03'), dependencies: [wp('WP01')] }]
    const world = createWorld({ wps, behave: straight })
    const process = world.begin()
    const ended = process.whole()
    const signaled = world.time.delay(20_000).then(() => process.stop())
    await world.time.drive(Promise.all([ended, signaled]))
    expect(await ended).toMatchObject({ finish: null })
    expect([...world.agents.live]).toEqual([])
    expect(world.agents.finished.map(({ interrupted }) => interrupted)).toEqual([true, true])
    expect(world.host.lanes()).toEqual({ WP01: 'in_progress', WP02: 'in_progress', WP03: 'planned' })
    for (const { dirtyBy, commits } of world.git.worktrees.values()) {
      expect({ dirtyBy, commits: commits.length }).toEqual({ dirtyBy: null, commits: 2 })
    }
    await runWorld(world)
    expect(lanesOf(world)).toEqual(['approved', 'approved', 'approved'])
  })

  it('drives only what --wp names and needs, and says what it left out', async () => {
    const wps = [{ wpId: wp('WP01') }, { wpId: wp('WP02'), dependencies: [wp('WP01')] }, { wpId: wp('WP03') }]
    const world = createWorld({ wps, behave: straight, onlyWps: [wp('WP02')] })
    const { wpResults, finish } = await runWorld(world)
    expect(world.host.lanes()).toEqual({ WP01: 'approved', WP02: 'approved', WP03: 'planned' })
    expect(wpResults.map(({ selected, reason }) => [selected, reason])).toEqual([
      [true, null],
      [true, null],
      [false, null],
    ])
    expect(finish).toMatchObject({ complete: true, accepted: false })
  })
})
