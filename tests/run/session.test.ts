import { describe, expect, it } from 'vitest'
import type { Usage } from '../../src/core/work-package/work-package.ts'
import { type Action, approves, type Behaviour, fails, implements_, rejects } from './fakes/scripted-agents.ts'
import { configOf, createWorld, runWorld, type World, wp } from './fakes.ts'

const one = [{ wpId: wp('WP01') }]
/** Ada alone implements, and reviews what she did. */
const alone = configOf({ agents: { implementation: ['ada'], review: ['ada'] }, review: { reviewer: 'any' } })

const inSession = (action: Action, sessionId: string, usage: Usage | null = null): Action => ({
  ...action,
  report: { ...action.report, sessionId, usage },
})

const dollars = (costUsd: number): Usage => ({ inputTokens: 100, outputTokens: 10, costUsd })

/** These implementations, one after another; the first review rejects, the others approve. */
function plays(...implementations: readonly Action[]): Behaviour {
  const left = [...implementations]
  return ({ role, cycle }) => {
    if (role === 'implementation') return left.shift() ?? implements_
    return inSession(cycle === 1 ? rejects : approves, 'r')
  }
}

/** `role session`, in the order in which they ended. */
const resumed = (world: World) => world.agents.finished.map(({ request }) => `${request.role} ${request.resumeSession}`)

const attempts = (world: World) => world.store.record(wp('WP01')).attempts

describe('a session', () => {
  it('is continued by the rework, and never by a review', async () => {
    const behave = plays(inSession(implements_, 's'), inSession(implements_, 's'))
    const world = createWorld({ wps: one, behave, config: alone, agentFacts: { resumes: true } })
    await runWorld(world)
    expect(resumed(world)).toEqual(['implementation null', 'review null', 'implementation s', 'review null'])
    expect(attempts(world).map(({ sessionId, resumedSession }) => [sessionId, resumedSession])).toEqual([
      ['s', null],
      ['r', null],
      ['s', 's'],
      ['r', null],
    ])
  })

  it('is continued after a stop of ours, and counted once where the CLI tells the sum', async () => {
    const behave = plays(
      inSession(fails('timed-out'), 's', dollars(1)),
      inSession(fails('max-turns'), 's'),
      inSession(implements_, 's', dollars(4)),
      inSession(implements_, 's', dollars(4.5)),
    )
    const agentFacts = { resumes: true, cumulativeUsage: ['costUsd'] } as const
    const world = createWorld({ wps: one, behave, config: alone, agentFacts })
    await runWorld(world)
    const own = attempts(world).filter(({ role }) => role === 'implementation')
    expect(own.map(({ usage }) => usage)).toEqual([dollars(1), null, dollars(3), dollars(0.5)])
    const told = world.events.flatMap(event => (event.type === 'attempt-ended' ? [event] : []))
    expect(told.filter(({ role }) => role === 'implementation').map(({ usage }) => usage)).toEqual(
      own.map(({ usage }) => usage),
    )
  })

  it('that is not found costs an attempt, not the agent: the next starts over', async () => {
    const behave = plays(inSession(implements_, 's'), fails('bad-invocation', {}), inSession(implements_, 't'))
    const world = createWorld({ wps: one, behave, config: alone, agentFacts: { resumes: true } })
    await runWorld(world)
    expect(resumed(world)).toEqual([
      'implementation null',
      'review null',
      'implementation s',
      'implementation null',
      'review null',
    ])
    expect(attempts(world)[2]?.result).toEqual({
      kind: 'failed',
      failure: { class: 'agent-error', detail: 'could not continue session s: as the test wants it' },
    })
    expect(world.host.lane(wp('WP01'))).toBe('approved')
  })

  it('is none for an agent that cannot', async () => {
    const behave = plays(inSession(implements_, 's'), inSession(implements_, 't'))
    const world = createWorld({ wps: one, behave, config: alone })
    await runWorld(world)
    expect(attempts(world).map(({ resumedSession }) => resumedSession)).toEqual([null, null, null, null])
  })
})

it('what an attempt said last is redacted before it is cut, for half a secret looks like none', async () => {
  const failing = fails('max-turns')
  const text = `sk-ABCDEFGHIJKLMNOPQRSTUVWXYZ ${'y '.repeat(294)}`
  const behave = plays({ ...failing, report: { ...failing.report, text } })
  const world = createWorld({ wps: one, behave, config: alone })
  await runWorld(world)
  expect(attempts(world)[0]?.lastWords).toMatch(/^\[redacted\] y y/)
})
