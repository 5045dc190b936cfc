import { describe, expect, it } from 'vitest'
import { type AgentFact, attemptsOfCycle, chooseAgent } from '../../../src/core/agent/agent-choice.ts'
import { cooldownEnd } from '../../../src/core/agent/cooldown.ts'
import { type FailureClass, failureClasses, isLimit, rules } from '../../../src/core/agent/failure.ts'
import type { AgentId } from '../../../src/core/ids.ts'
import type { Attempt, Role, WpRecord } from '../../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, config, fact, failed, later, now, record, work } from '../samples.ts'

const both = [fact(ada), fact(bob)]
const roles: readonly Role[] = ['implementation', 'review']

function choose(
  more: Partial<WpRecord>,
  given = {},
  agents: readonly AgentFact[] = both,
  role: Role = 'implementation',
) {
  const choice = chooseAgent(role, record(more), agents, config(given), now)
  return choice.kind === 'start' ? choice.agent : choice.kind
}

function failures(count: number, failureClass: FailureClass, more: Partial<Attempt> = {}): readonly Attempt[] {
  // In different words each: what repeats itself is the business of the loop breaker.
  return Array.from({ length: count }, (_, index) =>
    failed(index + 1, failureClass, { ...more, ...worded(failureClass, index) }),
  )
}

function worded(failureClass: FailureClass, index: number): Partial<Attempt> {
  return { result: { kind: 'failed', failure: { class: failureClass, detail: 'x'.repeat(index) } } }
}

/** Failures of one agent after which it is not asked again on this WP; limits are another matter. */
function failuresAllowed(failureClass: FailureClass, maxRetries: number): number {
  if (failureClass === 'no-verdict') return 2
  switch (rules[failureClass].consequence) {
    case 'fallback':
      return 1
    case 'retry':
      return 1 + maxRetries
    default:
      return failureClass === 'network' || failureClass === 'overloaded'
        ? 5 * (1 + maxRetries)
        : Number.POSITIVE_INFINITY
  }
}

const table = failureClasses.flatMap(failureClass =>
  roles.flatMap(role =>
    [0, 2].map(maxRetries => [failureClass, role, maxRetries, failuresAllowed(failureClass, maxRetries)] as const),
  ),
)

describe('chooseAgent', () => {
  it.each(table)(
    '%s of the %s with %i retries: the next agent after %d',
    (failureClass, role, max_retries, allowed) => {
      const given = { agents: { max_retries } }
      const chosen = (count: number) => choose({ attempts: failures(count, failureClass, { role }) }, given, both, role)
      const last = Number.isFinite(allowed) ? allowed : 40
      expect(chosen(last - 1)).toBe(ada)
      expect(chosen(last)).toBe(Number.isFinite(allowed) ? bob : ada)
    },
  )

  it.each([
    ['next_in_list', 2, bob],
    ['same_agent', 2, ada],
    ['same_agent', 4, 'none'],
    ['fail', 0, ada],
    ['fail', 1, 'none'],
  ] as const)('fallback_strategy %s after %i crashes with one retry: %s', (fallback_strategy, count, expected) => {
    expect(choose({ attempts: failures(count, 'crashed') }, { agents: { max_retries: 1, fallback_strategy } })).toBe(
      expected,
    )
  })

  it.each([
    ['same_agent', 'none'],
    ['fail', 'none'],
    ['next_in_list', bob],
  ] as const)('%s after a refusal: %s', (fallback_strategy, expected) => {
    expect(choose({ attempts: failures(1, 'refused') }, { agents: { fallback_strategy } })).toBe(expected)
  })

  it.each([
    ['successes', [attempt(1), attempt(2), attempt(3)]],
    ['interrupted ones', [1, 2, 3, 4].map(number => attempt(number, { result: { kind: 'interrupted' } }))],
    ['one that still runs', [attempt(1, { result: null })]],
    ['those of the other role', failures(9, 'crashed', { role: 'review' })],
    ['those of an earlier cycle', failures(9, 'crashed', { cycle: 0 })],
    ['those of the other agent', failures(9, 'crashed', { agent: bob })],
  ])('does not count %s', (_, attempts) => {
    expect(choose({ attempts })).toBe(ada)
  })

  it('does not count what was before a person said retry', () => {
    const attempts = failures(3, 'crashed')
    expect(choose({ attempts })).toBe(bob)
    expect(choose({ attempts, retriedAfterAttempt: 3 })).toBe(ada)
    expect(attemptsOfCycle(record({ attempts, retriedAfterAttempt: 2 }), 'implementation')).toEqual([attempts[2]])
  })

  it.each([
    ['the first is out', [fact(ada, { out: 'signed out' }), fact(bob)], bob],
    ['all are out', [fact(ada, { out: 'signed out' }), fact(bob, { out: 'missing' })], 'none'],
    ['there is none', [], 'none'],
    ['the order is the other way round', both.toReversed(), bob],
  ])('when %s: %s', (_, agents, expected) => {
    expect(choose({}, {}, agents)).toBe(expected)
  })

  it('tells why no agent can', () => {
    const reason = (agents: readonly AgentFact[], more: Partial<WpRecord> = {}) => {
      const choice = chooseAgent('implementation', record(more), agents, config(), now)
      return choice.kind === 'none' ? choice.reason : ''
    }
    expect(reason([fact(ada, { out: 'signed out' })])).toContain('ada (signed out)')
    expect(reason([])).toContain('none is configured')
    const attempts = [...failures(3, 'crashed'), failed(4, 'refused', { agent: bob })]
    expect(reason(both, { attempts })).toBe('implementation failed 4 times (ada, bob): refused: why')
  })
})

/** What has become of the first agent, and who takes the next attempt by each strategy. */
describe('fallback_strategy, when the first agent', () => {
  const away = { out: 'signed out' }
  const absent = { out: 'not installed', absent: true }
  const limit = { coolingUntil: later, coolingByLimit: true, coolingForMs: 600_000 }
  const down = { coolingUntil: later, coolingForMs: 600_000 }
  const exhausted = (role: Role) => failures(4, 'crashed', { role })
  const none = () => []

  it.each<
    readonly [string, Partial<AgentFact>, (role: Role) => readonly Attempt[], string, readonly [string, string, string]]
  >([
    ['is there', {}, none, 'wait', [ada, ada, ada]],
    ['has gone out', away, none, 'wait', [bob, 'none', 'none']],
    ['has gone out after it was tried', away, role => failures(1, 'auth', { role }), 'wait', [bob, 'none', 'none']],
    ['was never there', absent, none, 'wait', [bob, bob, bob]],
    [
      'was tried, and is not there any more',
      absent,
      role => failures(1, 'crashed', { role }),
      'wait',
      [bob, 'none', 'none'],
    ],
    ['has failed once', {}, role => failures(1, 'crashed', { role }), 'wait', [ada, ada, 'none']],
    ['has used up its retries', {}, role => failures(2, 'crashed', { role }), 'wait', [bob, ada, 'none']],
    ['has used up all', {}, exhausted, 'wait', [bob, 'none', 'none']],
    ['has met its limit', limit, none, 'wait', ['wait', 'wait', 'wait']],
    ['has met its limit, which is for switching', limit, none, 'switch', [bob, 'wait', 'wait']],
    ['has met its limit, which is for stopping', limit, none, 'stop', ['held', 'held', 'held']],
    ['has no network', down, none, 'switch', ['wait', 'wait', 'wait']],
  ])('%s', (_, state, attempts, on_usage_limit, expected) => {
    for (const role of roles) {
      const chosen = (['next_in_list', 'same_agent', 'fail'] as const).map(fallback_strategy => {
        const given = { agents: { fallback_strategy, max_retries: 1 }, limits: { on_usage_limit } }
        return choose({ attempts: attempts(role) }, given, [fact(ada, state), fact(bob)], role)
      })
      expect([role, ...chosen]).toEqual([role, ...expected])
    }
  })

  it('is the reviewer who is not the implementer: no other one takes its place either', () => {
    const given = { agents: { fallback_strategy: 'same_agent' } }
    const reviewer = (of: readonly AgentFact[]) => choose({ work }, given, of, 'review')
    expect(reviewer([fact(ada), fact(bob)])).toBe(bob)
    expect(reviewer([fact(ada), fact(bob, { out: 'signed out' })])).toBe('none')
    expect(reviewer([fact(ada), fact(bob, { out: 'disabled', absent: true })])).toBe(ada)
  })

  it('is said to be the only one', () => {
    const agents = [fact(ada, away), fact(bob)]
    const choice = chooseAgent(
      'implementation',
      record(),
      agents,
      config({ agents: { fallback_strategy: 'fail' } }),
      now,
    )
    expect(choice).toEqual({
      kind: 'none',
      reason: 'no agent can do the implementation: ada (signed out); agents.fallback_strategy allows no other: fail',
    })
  })
})

describe('in words for a person', () => {
  const reason = (
    more: Partial<WpRecord>,
    given = {},
    agents: readonly AgentFact[] = both,
    role: Role = 'implementation',
  ) => {
    const choice = chooseAgent(role, record(more), agents, config(given), now)
    return choice.kind === 'start' ? `start ${choice.agent}` : `${choice.kind}: ${choice.reason}`
  }
  const limit = { coolingUntil: later, coolingReason: 'usage-limit: full', coolingByLimit: true, coolingForMs: 600_000 }
  const limited = [fact(ada, limit), fact(bob)]
  const tooLong = 'a longer wait than limits.max_wait_seconds (599): usage-limit: full'

  it.each<readonly [string, Parameters<typeof reason>, string]>([
    ['no agent is installed', [{}, {}, []], 'none: no agent can do the implementation: none is configured'],
    [
      'no agent is installed, and no other one would be asked',
      [{}, { agents: { fallback_strategy: 'fail' } }, []],
      'none: no agent can do the implementation: none is configured',
    ],
    [
      'no agent can',
      [{}, {}, [fact(ada, { out: 'signed out' }), fact(bob, { out: 'missing' })], 'review'],
      'none: no agent can do the review: ada (signed out), bob (missing)',
    ],
    [
      'no agent can review, not even the implementer',
      [{ work }, {}, [fact(ada, { out: 'signed out' }), fact(bob, { out: 'missing' })], 'review'],
      'none: no agent can do the review: bob (missing), ada (signed out)',
    ],
    [
      'only the implementer could review',
      [{ work }, { review: { reviewer: 'require_other' } }, [fact(ada)], 'review'],
      'none: review.reviewer is require_other and no agent other than ada may review',
    ],
    [
      'one failed once',
      [{ attempts: failures(1, 'crashed') }, { agents: { fallback_strategy: 'fail' } }],
      'none: implementation failed 1 time (ada): crashed: ',
    ],
    [
      'one failed, and was stopped since',
      [
        { attempts: [failed(1, 'refused'), attempt(2, { agent: bob, result: { kind: 'interrupted' } })] },
        { agents: { fallback_strategy: 'fail' } },
      ],
      'none: implementation failed 1 time (ada, bob): refused: why',
    ],
    [
      'one failed, and the end of the next one is not known',
      [{ attempts: [failed(1, 'refused'), attempt(2, { result: null })] }, { agents: { fallback_strategy: 'fail' } }],
      'none: implementation failed 1 time (ada): refused: why',
    ],
    [
      'the same happens again and again',
      [{ attempts: [ada, ada, bob].map((agent, i) => failed(i + 1, 'crashed', { agent, headCommit: 'base' })) }],
      'none: the same failure 3 times in a row without progress (ada, bob): crashed: why',
    ],
    ['it waits', [{}, {}, limited], 'wait: ada: usage-limit: full'],
    [
      'it must not wait',
      [{}, { limits: { on_usage_limit: 'stop' } }, limited],
      'held: ada: usage-limit: full (limits.on_usage_limit is stop)',
    ],
    [
      'it must not wait so long',
      [{}, { limits: { max_wait_seconds: 599 } }, limited],
      `none: ada cannot be used until 2026-01-01T12:10:00.000Z, ${tooLong}`,
    ],
  ])('%s', (_, given, expected) => {
    expect(reason(...given)).toBe(expected)
  })
})

describe('one agent that does everything', () => {
  const alone = { agents: { single_agent_mode: { agent: 'ada', delay_seconds: 60 } } }
  const ended = (secondsAgo: number, more: Partial<Attempt> = {}) =>
    attempt(1, { endedAt: new Date(now - secondsAgo * 1000).toISOString(), ...more })
  const next = (role: Role, attempts: readonly Attempt[], more = {}) =>
    chooseAgent(role, record({ work, attempts, ...more }), [fact(ada)], config(alone), now)

  it('reviews its own work a while after it', () => {
    expect(next('review', [ended(61)])).toEqual({ kind: 'start', agent: ada })
    expect(next('review', [ended(60)])).toEqual({ kind: 'start', agent: ada })
    expect(next('review', [ended(59)])).toEqual({
      kind: 'wait',
      until: now + 1000,
      reason: 'agents.single_agent_mode: the review starts 60 s after the work',
    })
    expect(next('review', [ended(0)])).toMatchObject({ kind: 'wait', until: now + 60_000 })
  })

  it.each<readonly [string, Role, readonly Attempt[]]>([
    ['an implementation', 'implementation', [ended(1)]],
    ['after a review, whose end does not count', 'review', [ended(61), ended(1, { number: 2, role: 'review' })]],
    ['where nothing is known to have ended', 'review', [ended(0, { endedAt: null })]],
    ['where nothing was done', 'review', []],
    ['after the clock was set back: how long ago the work ended is not known', 'review', [ended(-1)]],
  ])('begins at once: %s', (_, role, attempts) => {
    expect(next(role, attempts)).toEqual({ kind: 'start', agent: ada })
  })

  it('is asked although another is required for reviews', () => {
    const given = config({ ...alone, review: { reviewer: 'require_other' } })
    expect(chooseAgent('review', record({ work }), both, given, now)).toEqual({ kind: 'start', agent: ada })
  })
})

describe('the reviewer', () => {
  const reviewer = (wanted: string, more: Partial<WpRecord>, agents: readonly AgentFact[] = both) =>
    choose(more, { review: { reviewer: wanted } }, agents, 'review')
  const bobOut = [fact(ada), fact(bob, { out: 'signed out' })]
  const byAda = { work }

  it.each([
    ['prefer_other', byAda, both, bob],
    ['prefer_other', byAda, bobOut, ada],
    ['prefer_other', {}, both, ada],
    ['prefer_other', { work, attempts: failures(2, 'no-verdict', { role: 'review', agent: bob }) }, both, ada],
    ['require_other', byAda, both, bob],
    ['require_other', byAda, bobOut, 'none'],
    ['require_other', byAda, [fact(ada)], 'none'],
    ['require_other', {}, both, ada],
    ['any', byAda, both, ada],
    ['any', { work: { ...work, agent: bob } }, both, ada],
  ] as const)('%s with %j', (wanted, more, agents, expected) => {
    expect(reviewer(wanted, more, agents)).toBe(expected)
  })

  it('is not restricted for the implementation', () => {
    expect(choose({ work }, { review: { reviewer: 'require_other' } })).toBe(ada)
  })
})

describe('limits', () => {
  const cooling = (id: AgentId, until = later) =>
    fact(id, {
      coolingUntil: until,
      coolingReason: 'usage-limit: full',
      coolingByLimit: true,
      coolingForMs: until - now,
    })
  const limited = (more: Partial<Attempt> = {}) => failures(1, 'usage-limit', more)
  const on = (on_usage_limit: string, more = {}) => ({ limits: { on_usage_limit, ...more } })

  it.each([
    ['wait', [cooling(ada), fact(bob)], 'wait'],
    ['switch', [cooling(ada), fact(bob)], bob],
    ['stop', [cooling(ada), fact(bob)], 'held'],
    ['wait', [cooling(ada, now), fact(bob)], ada],
    ['wait', [cooling(ada, now + 1), fact(bob)], 'wait'],
    ['wait', [fact(ada), cooling(bob)], ada],
    ['switch', [fact(ada), cooling(bob)], ada],
    ['switch', [cooling(ada), cooling(bob)], 'wait'],
    ['stop', [cooling(ada), cooling(bob)], 'held'],
  ] as const)('%s with %j: %s', (how, agents, expected) => {
    expect(choose({ attempts: limited() }, on(how), agents)).toBe(expected)
  })

  it.each(['wait', 'switch', 'stop'])('waits where %s, for what is no limit', how => {
    const down = fact(ada, { coolingUntil: later, coolingReason: 'network: down' })
    const choice = chooseAgent('implementation', record(), [down, fact(bob)], config(on(how)), now)
    expect(choice).toEqual({ kind: 'wait', until: later, reason: 'ada: network: down' })
  })

  it('waits for the one that is free first, when it may switch', () => {
    const agents = [cooling(ada, later + 1000), cooling(bob)]
    expect(chooseAgent('implementation', record(), agents, config(on('switch')), now)).toMatchObject({ until: later })
    expect(chooseAgent('implementation', record(), agents, config(on('wait')), now)).toMatchObject({
      until: later + 1000,
    })
    const alike = [cooling(bob), cooling(ada)]
    expect(chooseAgent('implementation', record(), alike, config(on('switch')), now)).toEqual({
      kind: 'wait',
      until: later,
      reason: 'bob: usage-limit: full',
    })
  })

  it('waits no longer than max_wait_seconds, counted from when the limit began, whichever WP met it', () => {
    const wait = (coolingForMs: number, max_wait_seconds: number, more: Partial<WpRecord> = {}) =>
      choose(more, on('wait', { max_wait_seconds }), [fact(ada, { ...cooling(ada), coolingForMs }), fact(bob)])
    expect(wait(610_000, 610)).toBe('wait')
    expect(wait(610_000, 609)).toBe('none')
    expect(wait(610_000, 609, { attempts: limited() })).toBe('none')
    // A person wants another try, 100 s ago, a second ago, or in what a clock that was set back calls the future.
    const retried = (secondsAgo: number) => ({ retriedAt: new Date(now - secondsAgo * 1000).toISOString() })
    expect(wait(90_000_000, 700, retried(100))).toBe('wait')
    expect(wait(90_000_000, 699, retried(100))).toBe('none')
    expect(wait(90_000_000, 601, retried(1))).toBe('wait')
    expect(wait(610_000, 610, retried(90_000))).toBe('wait')
    expect(wait(610_000, 609, retried(90_000))).toBe('none')
    expect(wait(90_000_000, 60, retried(-3600))).toBe('wait')
  })

  it('comes to an end whatever fails, in whatever order, for however long', () => {
    // What the host refuses is bounded where it refuses it, after the third time.
    const classes = failureClasses.filter(name => name !== 'host-rejected')
    const patterns = classes.flatMap(one => classes.map(other => [one, other]))
    for (const pattern of patterns) {
      for (const fallback_strategy of ['next_in_list', 'same_agent', 'fail']) {
        for (const on_usage_limit of ['wait', 'switch', 'stop']) {
          const settings = config({ agents: { fallback_strategy }, limits: { on_usage_limit } })
          const made = attemptsUntilTheEnd(pattern, 'implementation', settings)
          expect(made, `${pattern} ${fallback_strategy} ${on_usage_limit}`).toBeLessThan(mostAttempts)
        }
      }
    }
  })
})

const mostAttempts = 200

/** Two agents that fail in this pattern, again and again, until no agent is left. */
function attemptsUntilTheEnd(
  pattern: readonly FailureClass[],
  role: Role,
  settings: ReturnType<typeof config>,
): number {
  const cooldowns = new Map<AgentId, { until: number; count: number; waitedMs: number; class: FailureClass }>()
  const out = new Set<AgentId>()
  const attempts: Attempt[] = []
  let time = now
  while (attempts.length < mostAttempts) {
    const facts = [ada, bob].map(id =>
      fact(id, {
        out: out.has(id) ? 'out' : null,
        coolingUntil: cooldowns.get(id)?.until ?? 0,
        coolingByLimit: isLimit(cooldowns.get(id)?.class ?? 'crashed'),
        coolingForMs: cooldowns.get(id)?.waitedMs ?? 0,
      }),
    )
    const choice = chooseAgent(role, record({ attempts }), facts, settings, time)
    if (choice.kind === 'none' || choice.kind === 'held') break
    if (choice.kind === 'wait') {
      expect(choice.until).toBeGreaterThan(time)
      time = choice.until
      continue
    }
    const failureClass = pattern[attempts.length % pattern.length] ?? 'crashed'
    const startedAt = new Date(time).toISOString()
    attempts.push(failed(attempts.length + 1, failureClass, { role, agent: choice.agent, startedAt }))
    time += 30_000
    if (rules[failureClass].consequence === 'agent-out') out.add(choice.agent)
    if (rules[failureClass].consequence === 'cool-down') {
      const count = cooldowns.get(choice.agent)?.count ?? 0
      const until = cooldownEnd({ class: failureClass, detail: '' }, count, time, 0)
      const waitedMs = (cooldowns.get(choice.agent)?.waitedMs ?? 0) + until - time
      cooldowns.set(choice.agent, { until, count: count + 1, waitedMs, class: failureClass })
    }
  }
  return attempts.length
}
