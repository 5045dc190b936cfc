import { describe, expect, it } from 'vitest'
import type { AgentId } from '../../../src/core/ids.ts'
import type { Role } from '../../../src/core/work-package/work-package.ts'
import { preferenceOrder, reasonAgainst } from '../../../src/run/attempts/agent-pool.ts'
import { approves, fails, fakeAgent } from '../fakes/scripted-agents.ts'
import { agent, configOf, createWorld } from '../fakes.ts'

const [ada, bob] = [agent('ada'), agent('bob')]
const models = { ada: { model: 'small', review: { model: 'big' } } }

/** A pool in a world in which nothing else happens. */
function bench(agents: Record<string, unknown> = {}) {
  const world = createWorld({ wps: [], behave: () => approves, config: configOf({ agents }) })
  const begin = () => world.begin().run.agents
  let pool = begin()
  const until = (role: Role, id: AgentId) => {
    const found = pool.facts(role).find(fact => fact.id === id)?.coolingUntil ?? 0
    return found === 0 ? null : Math.round((found - started) / 1000)
  }
  const started = world.time.clock.now()
  const ended = async (id: AgentId, role: Role, began: number, report: ReturnType<typeof fails>['report'] | null) => {
    const startedAt = new Date(started + began * 1000).toISOString()
    await world.time.drive(
      pool.attemptEnded({ agent: id, role, startedAt }, report && !report.ok ? report.failure : null),
    )
  }
  return {
    world,
    until,
    ended,
    limit: (resetAfter: number) => fails('usage-limit', {}, new Date(started + resetAfter * 1000).toISOString()).report,
    pass: (seconds: number) => world.time.drive(world.time.delay(seconds * 1000)),
    restart: () => {
      pool = begin()
    },
    count: () => Object.values(world.store.state().cooldowns).map(({ count }) => count),
  }
}

describe('a cooldown', () => {
  it('is of the agent in both roles, and outlives the process', async () => {
    const { ended, limit, until, restart } = bench()
    await ended(ada, 'review', 0, limit(100))
    expect([until('review', ada), until('implementation', ada), until('review', bob)]).toEqual([102, 102, null])
    restart()
    expect([until('review', ada), until('implementation', ada), until('review', bob)]).toEqual([102, 102, null])
  })

  it('is of the model where the role has one, and so is the event', async () => {
    const { ended, limit, until, restart, world } = bench({ settings: models })
    await ended(ada, 'review', 0, limit(100))
    restart()
    expect([until('review', ada), until('implementation', ada)]).toEqual([102, null])
    await ended(ada, 'implementation', 0, limit(200))
    await ended(bob, 'implementation', 0, limit(300))
    restart()
    expect([until('review', ada), until('implementation', ada), until('review', bob)]).toEqual([102, 202, 302])
    expect(Object.keys(world.store.state().cooldowns)).toEqual(['ada/big', 'ada/small', 'bob'])
    const events = world.events.flatMap(event => (event.type === 'cooldown' ? [`${event.agent} ${event.model}`] : []))
    expect(events).toEqual(['ada big', 'ada small', 'bob null'])
  })

  it('is one for attempts that met the limit side by side, as long as the longest, and reported once', async () => {
    const { ended, limit, until, count, world, pass } = bench()
    await ended(ada, 'review', 0, limit(1000))
    await ended(ada, 'review', 0, limit(400))
    await ended(ada, 'review', 0, fails('rate-limit').report)
    expect([until('review', ada), count()]).toEqual([1002, [1]])
    expect(world.events).toHaveLength(1)
    await ended(ada, 'review', 0, limit(2000))
    await pass(3000)
    await ended(ada, 'review', 10, limit(4000))
    expect([until('review', ada), count()]).toEqual([4002, [1]])
    await ended(ada, 'review', 4500, limit(5000))
    expect(count()).toEqual([2])
  })

  it.each([
    ['a success that began after it', 200, null, []],
    ['a success that began before its end', 101, null, [1]],
    ['another failure', 200, fails('crashed').report, [1]],
  ] as const)('is forgotten after a success only: %s', async (_, began, report, left) => {
    const { ended, limit, count, pass } = bench()
    await ended(ada, 'review', 0, limit(100))
    await pass(300)
    await ended(ada, 'review', began, report)
    expect(count()).toEqual(left)
  })
})

describe('who takes a role', () => {
  it.each([
    [{}, 'ada bob'],
    [{ settings: { bob: { priority: 1 } } }, 'bob ada'],
    [{ settings: { bob: { priority: 1 }, ada: { priority: 1 } } }, 'ada bob'],
    [{ single_agent_mode: { agent: 'bob' }, settings: { ada: { priority: 1 } } }, 'bob'],
  ])('%j: %s', (agents, order) => {
    expect(preferenceOrder(configOf({ agents }), 'implementation').join(' ')).toBe(order)
  })

  it.each([
    [{}, null, null],
    [{ enabled: false }, 'disabled in agents.settings', 'disabled in agents.settings'],
    [{ roles: ['review'] }, 'not enabled for the implementation in agents.settings', null],
    [{ roles: ['implementation'] }, null, 'not enabled for the review in agents.settings'],
  ])('%j: implementation %s, review %s', (settings, implementation, review) => {
    const config = configOf({ agents: { settings: { ada: settings } } })
    const reason = (role: Role) => reasonAgainst(fakeAgent(ada), role, config, () => null)
    expect([reason('implementation'), reason('review')]).toEqual([implementation, review])
  })

  it('is no agent that cannot be started, or cannot do the role', () => {
    const config = configOf()
    expect(reasonAgainst(fakeAgent(ada), 'review', config, () => 'not installed: ada')).toBe('not installed: ada')
    expect(reasonAgainst(fakeAgent(ada, ['implementation']), 'review', config, () => null)).toBe('cannot do the review')
  })
})
