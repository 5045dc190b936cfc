import { describe, expect, it } from 'vitest'
import type { Role } from '../../src/core/work-package/work-package.ts'
import type { EventBody } from '../../src/run/events/event.ts'
import { hostFailure } from '../../src/run/host/host-outcome.ts'
import { type Look, oddLooks, ok } from './fakes/odd-looks.ts'
import { approves, type Behaviour, implements_ } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, type WorldOptions, wp } from './fakes.ts'

const straight: Behaviour = ({ role }) => (role === 'implementation' ? implements_ : approves)
const eventsOf = (world: World, type: EventBody['type']) => world.events.filter(event => event.type === type)
const starts = (world: World) =>
  world.events.flatMap(event => (event.type === 'attempt-started' ? [`${event.wpId} ${event.role}`] : []))

const pair = [{ wpId: wp('WP01') }, { wpId: wp('WP02'), dependencies: [wp('WP01')] }]

/** A host whose looks are odd from `from` on, milliseconds after the first one, for `forMs`. */
function oddWorld(look: Look, from: number, forMs: number, more: Partial<WorldOptions> = {}): World {
  let began: number | null = null
  return createWorld({
    wps: pair,
    behave: straight,
    look: (truth, world) => {
      began ??= world.time.clock.now()
      const at = world.time.clock.now() - began
      return at >= from && at < from + forMs ? look(truth) : ok(truth)
    },
    ...more,
  })
}

describe.each(Object.entries(oddLooks))('%s', (_, look) => {
  it.each([5_000, 30_000, 62_000, 95_000])(
    'for 34 s from %i ms on: nothing is done twice or left out, and all ends as without it',
    async from => {
      const world = oddWorld(look, from, 34_000)
      const { wpResults, finish } = await runWorld(world)
      expect(wpResults.map(({ node, reason }) => [node.wpId, node.lane, reason])).toEqual([
        ['WP01', 'approved', null],
        ['WP02', 'approved', null],
      ])
      expect(finish?.complete).toBe(true)
      expect(starts(world)).toEqual(['WP01 implementation', 'WP01 review', 'WP02 implementation', 'WP02 review'])
      expect(eventsOf(world, 'needs-person')).toEqual([])
      const told = eventsOf(world, 'mission-unclear').length
      expect(eventsOf(world, 'mission-clear')).toHaveLength(told)
      expect(told).toBeLessThanOrEqual(1)
    },
  )
})

describe('one look in which a single WP is in another lane', () => {
  it.each(['planned', 'for_review', 'blocked', 'done'])(
    '%s: its agent continues, and all ends as without it',
    async lane => {
      let odd = 0
      const world: World = createWorld({
        wps: pair,
        behave: request => ({ ...straight(request, 0), ms: 120_000 }),
        look: (truth, seen) => {
          if (starts(seen).length === 0 || odd > 0) return ok(truth)
          odd += 1
          const workPackages = truth.work_packages.map(one => (one.wp_id === 'WP01' ? { ...one, lane } : one))
          return ok({ ...truth, work_packages: workPackages })
        },
      })
      const { wpResults } = await runWorld(world)
      expect(odd).toBe(1)
      expect(eventsOf(world, 'wp-taken-away')).toEqual([])
      expect(world.agents.finished.every(({ interrupted }) => !interrupted)).toBe(true)
      expect(wpResults.map(({ node, reason }) => [node.wpId, node.lane, reason])).toEqual([
        ['WP01', 'approved', null],
        ['WP02', 'approved', null],
      ])
      expect(starts(world)).toEqual(['WP01 implementation', 'WP01 review', 'WP02 implementation', 'WP02 review'])
    },
  )
})

const lasting = Object.entries(oddLooks).filter(([name]) => !/gone|a WP more/.test(name))

describe.each(lasting)('%s for good', (_, look) => {
  it('ends the run after ten minutes with nothing else to do: what runs is finished first', async () => {
    const world = oddWorld(look, 10_000, Number.POSITIVE_INFINITY, {
      behave: request => ({ ...straight(request, 0), ms: 1_800_000 }),
    })
    const error = await runWorld(world).catch(thrown => thrown)
    const resume = { command: 'sko resume', why: expect.any(String) }
    expect(error).toMatchObject({ message: expect.any(String), next: expect.arrayContaining([resume]) })
    expect([1, 3]).toContain(error.exitCode)
    expect(world.agents.finished.every(({ interrupted }) => !interrupted)).toBe(true)
    expect(world.host.lane(wp('WP01'))).not.toBe('in_progress')
    expect(world.host.lane(wp('WP02'))).toBe('planned')
  })
})

describe('a mission that is changed for good', () => {
  it('is believed once it has stayed the same: a WP that is gone is not waited for', async () => {
    const world = oddWorld(oddLooks['a WP gone'] ?? ok, 10_000, Number.POSITIVE_INFINITY)
    const { wpResults } = await runWorld(world)
    expect(wpResults.map(({ node }) => node.wpId)).toEqual(['WP01'])
    expect(eventsOf(world, 'mission-changed')).toEqual([
      { type: 'mission-changed', added: [], removed: ['WP02'], changed: [] },
    ])
    expect(eventsOf(world, 'wps-gone')).toEqual([{ type: 'wps-gone', wpIds: ['WP02'], patienceSeconds: 600 }])
  })
})

describe('a WP that is gone for minutes, until after the others are done,', () => {
  it('is waited for, and done', async () => {
    const world = oddWorld(oddLooks['a WP gone'] ?? ok, 4_000, 300_000)
    const { wpResults, finish } = await runWorld(world)
    expect(wpResults.map(({ node, reason }) => [node.wpId, node.lane, reason])).toEqual([
      ['WP01', 'approved', null],
      ['WP02', 'approved', null],
    ])
    expect([finish?.complete, world.host.acceptances()]).toEqual([true, 0])
  })
})

describe('a dependency that is gone for minutes', () => {
  it.each([
    ['while what it depends on is worked on', 150_000],
    ['and is back again before that is done', 90_000],
  ])('%s: the host refuses the claim, and the WP is not given up', async (_, forMs) => {
    const slowly: Behaviour = request => ({ ...straight(request, 0), ms: 120_000 })
    const world = oddWorld(oddLooks['dependencies gone'] ?? ok, 4_000, forMs, { behave: slowly })
    const { wpResults } = await runWorld(world)
    expect(world.events).toContainEqual(
      expect.objectContaining({ type: 'wp-waiting', wpId: 'WP02', reason: expect.stringContaining('depends on WP01') }),
    )
    expect(eventsOf(world, 'needs-person')).toEqual([])
    expect(wpResults.map(({ node, reason }) => [node.wpId, node.lane, reason])).toEqual([
      ['WP01', 'approved', null],
      ['WP02', 'approved', null],
    ])
  })
})

describe('for three minutes, in the middle of a run,', () => {
  const minutes = (count: number) => count * 60_000
  const slowly: Behaviour = request => ({ ...straight(request, 0), ms: minutes(1) })

  it.each<readonly [string, Partial<WorldOptions>, (world: World, isOver: boolean) => void]>([
    [
      'another branch in the main checkout',
      { topology: 'lanes' },
      (world, isOver) => world.host.switchTo(isOver ? 'work' : 'elsewhere'),
    ],
    ['a lock in it', {}, () => {}],
  ])('%s closes no WP that had not begun', async (name, more, act) => {
    const mutations: readonly string[] = ['startImplementation', 'startReview', 'transition']
    let isOdd = false
    const world: World = createWorld({
      wps: [...pair, { wpId: wp('WP03') }, { wpId: wp('WP04') }],
      behave: slowly,
      config: configOf({ max_concurrent_wps: 1 }),
      fault: command => (isOdd && mutations.includes(command) ? hostFailure('host-defect', `OSError: ${name}`) : null),
      ...more,
    })
    const set = (on: boolean) => {
      isOdd = on
      act(world, !on)
    }
    world.time.delay(minutes(2)).then(() => set(true))
    world.time.delay(minutes(5)).then(() => set(false))
    await runWorld(world)
    expect(Object.values(world.host.lanes())).toEqual(['approved', 'approved', 'approved', 'approved'])
    expect(eventsOf(world, 'needs-person')).toEqual([])
    expect(world.agents.finished).toHaveLength(8)
    expect(eventsOf(world, 'mission-unclear').length + eventsOf(world, 'wp-waiting').length).toBeGreaterThan(0)
  })
})

describe('what waits for a canceled WP', () => {
  const canceled = (fault: WorldOptions['fault']) => {
    const wps = [{ wpId: wp('WP01') }, { wpId: wp('WP02'), dependencies: [wp('WP01')] }, { wpId: wp('WP03') }]
    const world: World = createWorld({ wps, behave: straight, ...(fault ? { fault } : {}) })
    return world
  }
  /** A person skips WP01 in the middle of the run, which releases WP02. */
  const skipped = async (world: World) => {
    const process = world.begin()
    const asked = world.time
      .delay(10_000)
      .then(() => process.ask({ kind: 'skip', wpId: wp('WP01'), reason: 'no need' }))
    await world.time.drive(Promise.all([process.whole(), asked]))
  }

  it('is asked for again when list-ready gave no answer, and continues', async () => {
    let calls = 0
    const world = canceled(command => {
      if (command !== 'listReady') return null
      calls += 1
      return calls <= 3 ? hostFailure('host-timed-out', 'one slow answer') : null
    })
    await skipped(world)
    expect(world.host.lanes()).toEqual({ WP01: 'canceled', WP02: 'approved', WP03: 'approved' })
    expect(calls).toBe(4)
    expect(eventsOf(world, 'needs-person')).toEqual([])
  })

  it('is said to be unknown when list-ready never gives an answer', async () => {
    const world = canceled(command => (command === 'listReady' ? hostFailure('host-defect', 'odd') : null))
    await skipped(world)
    expect(world.host.lane(wp('WP02'))).toBe('planned')
    expect(eventsOf(world, 'needs-person')).toMatchObject([
      {
        wpId: 'WP02',
        reason: expect.stringContaining('does not say whether that releases it'),
        next: [{ command: 'sko resume' }],
      },
    ])
  })
})

describe('a lane that the host does not tell', () => {
  it.each<readonly [string, number]>([
    ['for a while is asked for again', 5],
    ['for good leaves the WP to a person, and the others continue', 1_000],
  ])('%s', async (_, failing) => {
    let asked = 0
    const world: World = createWorld({
      wps: [{ wpId: wp('WP01') }, { wpId: wp('WP02') }],
      behave: straight,
      fault: (command, wpId) => {
        if (command !== 'resolveWorkspace' || wpId !== 'WP02') return null
        asked += 1
        return asked <= failing ? hostFailure('host-defect', 'CorruptLanesError: lanes.json is corrupt') : null
      },
    })
    const { wpResults } = await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    // Alone it needs no question: it cannot meet another WP.
    expect(world.host.lane(wp('WP02'))).toBe('approved')
    expect(wpResults.map(({ reason }) => reason)).toEqual([null, null])
    expect(eventsOf(world, 'needs-person')).toEqual([])
  })
})

describe('a WP file that is half saved when an agent is to begin', () => {
  it.each<readonly [string, Role, string]>([
    ['empty', 'implementation', ''],
    ['without the end of its frontmatter', 'implementation', '---\nwork_package_id: WP01\ndependencies:\n-'],
    ['without the end of its frontmatter, for the reviewer', 'review', '---\nwork_package_id: WP01\n--'],
  ])('%s: no agent is paid for it, and the whole one is given', async (_, role, half) => {
    const whole = '---\nwork_package_id: WP01\n---\n\n# What is to be done\n'
    const path = '/repo/kitty-specs/001-demo-01ABCDEF/tasks/WP01.md'
    const world: World = createWorld({
      wps: [{ wpId: wp('WP01') }],
      behave: straight,
      onHostEvent: ({ to }, here) => {
        if (to === (role === 'review' ? 'in_review' : 'claimed')) here.git.files.set(path, half)
      },
      onReport: event => {
        if (event.type === 'wp-waiting') world.git.files.set(path, whole)
      },
    })
    world.git.files.set(path, whole)
    await runWorld(world)
    expect(world.host.lane(wp('WP01'))).toBe('approved')
    expect(world.agents.finished).toHaveLength(2)
    for (const { prompt } of world.agents.finished) expect(prompt).toContain('# What is to be done')
    expect(eventsOf(world, 'wp-waiting')).toMatchObject([{ wpId: 'WP01', reason: expect.stringContaining('WP01.md') }])
  })
})
