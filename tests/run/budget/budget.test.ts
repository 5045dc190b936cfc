import { describe, expect, it } from 'vitest'
import type { Role, Usage } from '../../../src/core/work-package/work-package.ts'
import type { AgentReport } from '../../../src/run/attempts/agent.ts'
import { createIncarnation } from '../fakes/incarnation.ts'
import type { PlannedWp } from '../fakes/memory-host.ts'
import { type Action, approves, type Behaviour, fails, implements_ } from '../fakes/scripted-agents.ts'
import { seededRandom } from '../fakes/virtual-time.ts'
import { configOf, createWorld, type Ended, type Process, runWorld, type World, wp } from '../fakes.ts'

const wpsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ wpId: wp(`WP0${index + 1}`) }))
const eventsOf = (world: World, type: string) => world.events.filter(event => event.type === type)
const attemptsOf = (world: World) => eventsOf(world, 'attempt-started').length
const lanesOf = (world: World) => Object.values(world.host.lanes())

function costing(action: Action, costUsd: number | null, ms = action.ms): Action {
  const usage: Usage = { inputTokens: 900, outputTokens: 100, costUsd }
  const report: AgentReport = { ...action.report, usage }
  return { ...action, report, ms }
}

const priced =
  (price: Readonly<Record<Role, number | null>>, ms?: number): Behaviour =>
  ({ role }) =>
    costing(role === 'implementation' ? implements_ : approves, price[role], ms)

const thirtyCents = priced({ implementation: 0.3, review: 0.3 })

/** As cli/running/run-mission.ts decides it. */
function isHeldByBudget({ wpResults }: Ended): boolean {
  return wpResults.some(({ heldBy }) => heldBy === 'budget')
}

async function resume(world: World, budget: Record<string, unknown>): Promise<Ended> {
  return runWorld(world, world.begin(undefined, configOf({ budget })))
}

describe('a budget of 1 USD with attempts at 0.30', () => {
  it.each([1, 2, 3, 4])('%i at once: held in time, and with 5 USD it ends done', async max => {
    const config = configOf({ max_concurrent_wps: max, budget: { usd: 1 } })
    const world = createWorld({ wps: wpsOf(5), behave: thirtyCents, config, topology: 'lanes' })

    const first = await runWorld(world)

    const began = attemptsOf(world)
    expect(began).toBeGreaterThanOrEqual(3)
    expect(began).toBeLessThanOrEqual(3 + max)
    expect(isHeldByBudget(first)).toBe(true)
    expect(first.finish).toMatchObject({ complete: false, next: [{ command: 'sko resume --budget-usd 2' }] })
    expect(lanesOf(world)).not.toContain('blocked')
    expect(eventsOf(world, 'needs-person')).toEqual([])
    const told = world.events.flatMap(event => (event.type === 'budget' ? [`${event.level} ${event.unit}`] : []))
    expect(told.toSorted()).toEqual(['reached usd', 'warned usd'])

    const second = await resume(world, { usd: 5 })

    expect(second.finish).toMatchObject({ complete: true, accepted: true })
    expect(lanesOf(world)).toEqual(wpsOf(5).map(() => 'approved'))
    expect(attemptsOf(world)).toBe(10)
    expect(eventsOf(world, 'usage-unknown')).toEqual([])
  })

  it('the same ceiling again begins nothing more', async () => {
    const world = createWorld({ wps: wpsOf(3), behave: thirtyCents, config: configOf({ budget: { usd: 0.9 } }) })
    await runWorld(world)
    const began = attemptsOf(world)

    const again = await resume(world, { usd: 0.9 })

    expect(attemptsOf(world)).toBe(began)
    expect(isHeldByBudget(again)).toBe(true)
  })

  it('what was used before a restart of the machine stays used', async () => {
    const config = configOf({ max_concurrent_wps: 1, budget: { usd: 1 } })
    const killed = createWorld({ wps: wpsOf(3), behave: thirtyCents, config })
    const life = createIncarnation(killed.time)
    const process = killed.begin(life)
    killed.agents.onStart = ({ role, wpId }) => {
      if (role === 'review' && wpId === 'WP01') void killed.time.delay(1_000).then(() => life.kill())
    }
    expect(await killed.time.drive(process.whole())).toBeNull()
    await killed.time.drive(killed.agents.reboot())
    killed.agents.onStart = () => {}

    const after = await runWorld(killed, killed.begin())

    // 0.30 and one that was cut off before it could tell, then two more.
    expect(attemptsOf(killed)).toBe(4)
    expect(isHeldByBudget(after)).toBe(true)
    const reached = killed.events.find(event => event.type === 'budget' && event.level === 'reached')
    expect(reached).toMatchObject({ spent: expect.closeTo(0.9), unknownAttempts: 1, projected: expect.closeTo(0.3) })
  })

  it.each([
    ['finish', 1, 1],
    ['stop', 1, 1],
    // The second has room, the third only if the second uses less.
    ['finish', 0.4, 2],
  ])('%s, at %f each: of three that wait for one to prove their agent %i begin', async (running, usd, most) => {
    const behave = priced({ implementation: usd, review: 1 }, 2_000)
    const world = createWorld({ wps: wpsOf(3), behave, config: configOf({ budget: { usd: 1, running } }) })

    const ended = await runWorld(world)

    expect(attemptsOf(world)).toBe(most)
    expect(isHeldByBudget(ended)).toBe(true)
  })

  it('one that waits for the rest of another is not held when that one uses less', async () => {
    // Two begin at 0.40. A third at 0.40 would go over while the other is running, but that one costs only 0.10.
    const behave: Behaviour = ({ wpId, role }) => {
      if (role === 'review') return costing(approves, 0)
      return wpId === 'WP02' ? costing(implements_, 0.1, 600_000) : costing(implements_, 0.4, 60_000)
    }
    const config = configOf({ max_concurrent_wps: 2, budget: { usd: 1 } })
    const world = createWorld({ wps: wpsOf(3), behave, config })

    const { finish } = await runWorld(world)

    expect(finish).toMatchObject({ complete: true })
    const ended = world.events.findIndex(event => event.type === 'attempt-ended' && event.wpId === 'WP02')
    const third = world.events.findIndex(event => event.type === 'attempt-started' && event.wpId === 'WP03')
    expect(third).toBeGreaterThan(ended)
  })

  it.each<readonly [string, Partial<PlannedWp>, string]>([
    ['one', { dependencies: [wp('WP01')] }, 'it waits for WP01'],
    ['the worktree of one', { laneId: 'shared' }, 'its lane worktree shared is held by WP01'],
  ])('a WP that waits for %s that is held, is held with it', async (_, more, reason) => {
    const wps = [
      { wpId: wp('WP01'), laneId: 'shared' },
      { wpId: wp('WP02'), ...more },
    ]
    const world = createWorld({ wps, behave: thirtyCents, config: configOf({ budget: { usd: 0.3 } }) })

    const { wpResults } = await runWorld(world)

    expect(wpResults.map(({ heldBy }) => heldBy)).toEqual(['budget', 'budget'])
    expect(wpResults[1]?.reason).toContain(reason)
  })
})

describe('whatever attempts cost and however long they take', () => {
  it.each(Array.from({ length: 12 }, (_, seed) => seed))(
    'seed %i: in bounds, nothing lost, done after a resume',
    async seed => {
      const random = seededRandom(seed)
      const pick = (...values: readonly number[]) => values[Math.floor(random() * values.length)] ?? 0
      const max = pick(1, 2, 3, 4)
      const dearest = pick(0.05, 0.3, 1.2)
      const behave: Behaviour = ({ role }) => {
        const known = random() < 0.8
        const cost = known ? dearest * random() : null
        return costing(role === 'implementation' ? implements_ : approves, cost, 1_000 + random() * 600_000)
      }
      const running = random() < 0.5 ? 'stop' : 'finish'
      const work_package = random() < 0.5 ? { usd: dearest, wall_clock_seconds: 900 } : {}
      const wall_clock_seconds = random() < 0.5 ? 1 + Math.floor(random() * 4_000) : null
      const config = configOf({
        max_concurrent_wps: max,
        budget: { usd: 1, running, wall_clock_seconds, work_package },
      })
      const world = createWorld({ wps: wpsOf(5), behave, config, random, topology: 'lanes' })
      const process = world.begin()

      const first = await runWorld(world, process)

      expect(process.run.budget.used()[0]?.spent).toBeLessThanOrEqual(1 + max * dearest)
      expect(isHeldByBudget(first)).toBe(first.finish?.complete === false)
      expect(lanesOf(world)).not.toContain('blocked')
      expect((await resume(world, {})).finish).toMatchObject({ complete: true, accepted: true })
    },
  )
})

describe('the ceiling of each work package', () => {
  it('holds that one, and the others continue', async () => {
    const behave: Behaviour = (request, index) =>
      request.wpId === 'WP01' && request.role === 'implementation' && index === 0
        ? fails('timed-out', { report: costing(fails('timed-out'), 0.9).report })
        : thirtyCents(request, index)
    const config = configOf({ budget: { work_package: { usd: 1 } } })
    const world = createWorld({ wps: wpsOf(3), behave, config })

    const first = await runWorld(world)

    expect(lanesOf(world)).toEqual(['in_progress', 'approved', 'approved'])
    expect(first.wpResults.map(({ heldBy }) => heldBy)).toEqual(['budget', null, null])
    expect(first.wpResults[0]?.reason).toMatch(
      /^WP01 has used 0\.90 of 1\.00 USD, .* -> sko resume --wp-budget-usd 2\.7$/,
    )
    expect(first.finish?.next.map(({ command }) => command)).toEqual(['sko resume --wp-budget-usd 2.7'])

    expect((await resume(world, { work_package: { usd: 2.7 } })).finish).toMatchObject({ complete: true })
  })
})

describe('what no agent tells', () => {
  it('is said once, and is not taken for zero', async () => {
    const behave = priced({ implementation: null, review: 0.1 })
    const world = createWorld({ wps: wpsOf(3), behave, config: configOf({ budget: { usd: 1, tokens: 1e6 } }) })
    const process = world.begin()

    await runWorld(world, process)

    expect(eventsOf(world, 'usage-unknown')).toEqual([
      { type: 'usage-unknown', wpId: expect.stringMatching(/^WP0\d$/), agent: 'ada', unit: 'usd' },
    ])
    expect(process.run.budget.used()).toEqual([
      { unit: 'usd', spent: expect.closeTo(0.3), unknownAttempts: 3, ceiling: 1 },
      { unit: 'tokens', spent: 6_000, unknownAttempts: 0, ceiling: 1e6 },
      { unit: 'wall_clock_seconds', spent: expect.any(Number), unknownAttempts: 0, ceiling: null },
    ])
  })

  it('does not matter without a budget', async () => {
    const world = createWorld({ wps: wpsOf(1), behave: priced({ implementation: null, review: null }) })
    await runWorld(world)
    expect(eventsOf(world, 'usage-unknown')).toEqual([])
  })
})

describe('attempts running when a ceiling is reached', () => {
  // WP01 uses all at once while WP02 is running for an hour.
  const behave: Behaviour = ({ wpId, role }) => {
    if (role === 'review') return costing(approves, 0)
    return wpId === 'WP01' ? costing(implements_, 5) : costing({ ...implements_, change: 'dirty' }, 0.1, 3_600_000)
  }
  const world = (running: 'finish' | 'stop') =>
    createWorld({ wps: wpsOf(2), behave, config: configOf({ budget: { usd: 1, running } }) })

  it('finish: they end by themselves', async () => {
    const finishing = world('finish')
    await runWorld(finishing)
    expect(finishing.agents.finished.map(({ interrupted }) => interrupted)).toEqual([false, false])
    expect(lanesOf(finishing)).toEqual(['for_review', 'for_review'])
  })

  it('stop: they are ended, what they left is committed, and a resume continues from there', async () => {
    const stopping = world('stop')
    const { wpResults } = await runWorld(stopping)
    expect(stopping.agents.finished.map(({ interrupted }) => interrupted)).toEqual([false, true])
    expect(lanesOf(stopping)).toEqual(['for_review', 'in_progress'])
    expect(wpResults.map(({ heldBy }) => heldBy)).toEqual(['budget', 'budget'])
    const [attempt] = stopping.store.record(wp('WP02')).attempts
    expect(attempt?.result).toEqual({ kind: 'interrupted' })
    expect(attempt?.headCommit).not.toBeNull()

    expect((await resume(stopping, { usd: 20 })).finish).toMatchObject({ complete: true })
  })
})

describe('wall clock', () => {
  const minute = priced({ implementation: 0, review: 0 }, 60_000)
  const secondsOf = (process: Process) => process.run.budget.used()[2]?.spent ?? 0

  it('counts over resumes, without the time in between', async () => {
    const config = configOf({ max_concurrent_wps: 1, budget: { wall_clock_seconds: 150 } })
    const world = createWorld({ wps: wpsOf(3), behave: minute, config })
    const first = world.begin()

    expect(isHeldByBudget(await runWorld(world, first))).toBe(true)

    expect(attemptsOf(world)).toBe(2)
    const used = secondsOf(first)
    expect(used).toBeLessThanOrEqual(150)
    await world.time.drive(world.time.delay(3_600_000))
    const second = world.begin()
    // As of the last save, which was at the last attempt's end.
    expect(secondsOf(second)).toBeGreaterThan(120)
    expect(secondsOf(second)).toBeLessThanOrEqual(used)
    expect(isHeldByBudget(await runWorld(world, second))).toBe(true)
    expect(attemptsOf(world)).toBe(2)

    expect((await resume(world, { wall_clock_seconds: 4000 })).finish).toMatchObject({ complete: true })
  })

  it.each<readonly [string, Record<string, unknown>]>([
    ['the run', { wall_clock_seconds: 100 }],
    ['a work package', { work_package: { wall_clock_seconds: 100 } }],
  ])('of %s: running agents are warned of at 80 percent and stopped at the ceiling', async (_, budget) => {
    const behave = priced({ implementation: 0, review: 0 }, 3_600_000)
    const at: number[] = []
    const config = configOf({ budget: { ...budget, running: 'stop' } })
    const world = createWorld({
      wps: wpsOf(1),
      behave,
      config,
      onReport: event => {
        if (event.type === 'budget') at.push(event.spent)
      },
    })

    await runWorld(world)

    expect(at).toEqual([expect.closeTo(80, 2), expect.closeTo(100, 2)])
    expect(world.agents.finished.map(({ interrupted }) => interrupted)).toEqual([true])
    expect(lanesOf(world)).toEqual(['in_progress'])
  })

  it('ends a wait that is longer', async () => {
    const reset = new Date(Date.UTC(2026, 0, 1, 3)).toISOString()
    const behave: Behaviour = () => fails('usage-limit', {}, reset)
    const config = configOf({ agents: { implementation: ['ada'] }, budget: { wall_clock_seconds: 3600 } })
    const world = createWorld({ wps: wpsOf(1), behave, config })
    const process = world.begin()

    const { wpResults, finish } = await runWorld(world, process)

    expect(secondsOf(process)).toBeLessThan(60)
    expect(eventsOf(world, 'wp-waiting')).toEqual([])
    expect(wpResults[0]).toMatchObject({ heldBy: 'budget', reason: expect.stringContaining('usage-limit') })
    expect(finish?.next[0]?.command).toMatch(/^sko resume --budget-seconds \d+$/)
  })
})
