import { describe, expect, it } from 'vitest'
import { type AgentFact, attemptsOfCycle, chooseAgent } from '../../src/core/agent-choice.ts'
import { cooldownEnd } from '../../src/core/cooldown.ts'
import { type FailureClass, failureClasses, isLimit, rules } from '../../src/core/failure.ts'
import type { AgentId } from '../../src/core/ids.ts'
import type { Attempt, Role, WpRecord } from '../../src/core/work-package.ts'
import { ada, attempt, bob, config, fact, failed, later, now, record, work } from './samples.ts'

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

  it('tells why nobody can', () => {
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
  const limit = { coolingUntil: later, coolingReason: 'usage-limit: full', coolingByLimit: true }
  const limited = [fact(ada, limit), fact(bob)]
  const tooLong = 'longer than limits.max_wait_seconds (599): usage-limit: full'

  it.each<readonly [string, Parameters<typeof reason>, string]>([
    ['nobody is there', [{}, {}, []], 'none: no agent can take the implementation: none is configured'],
    [
      'nobody can',
      [{}, {}, [fact(ada, { out: 'signed out' }), fact(bob, { out: 'missing' })], 'review'],
      'none: no agent can take the review: ada (signed out), bob (missing)',
    ],
    [
      'nobody can review, not even the implementer',
      [{ work }, {}, [fact(ada, { out: 'signed out' }), fact(bob, { out: 'missing' })], 'review'],
      'none: no agent can take the review: bob (missing), ada (signed out)',
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
      `none: ada is to be left alone until 2026-01-01T12:10:00.000Z, ${tooLong}`,
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
      reason: 'agents.single_agent_mode: the review begins 60 s after the work',
    })
  })

  it.each<readonly [string, Role, readonly Attempt[]]>([
    ['an implementation', 'implementation', [ended(1)]],
    ['after a review, whose end does not count', 'review', [ended(61), ended(1, { number: 2, role: 'review' })]],
    ['where nothing is known to have ended', 'review', [ended(0, { endedAt: null })]],
    ['where nothing was done', 'review', []],
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
    fact(id, { coolingUntil: until, coolingReason: 'usage-limit: full', coolingByLimit: true })
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

  it('waits no longer than max_wait_seconds, counted from the first of the limits in a row', () => {
    const since = (seconds: number) => ({ startedAt: new Date(now - seconds * 1000).toISOString() })
    const wait = (attempts: readonly Attempt[], max_wait_seconds: number) =>
      choose({ attempts }, on('wait', { max_wait_seconds }), [cooling(ada), fact(bob)])
    expect(wait(limited(since(10)), 610)).toBe('wait')
    expect(wait(limited(since(10)), 609)).toBe('none')
    expect(wait([], 600)).toBe('wait')
    expect(wait([], 599)).toBe('none')
    const broken = [failed(1, 'rate-limit', since(900)), attempt(2), failed(3, 'rate-limit', since(10))]
    expect(wait(broken, 610)).toBe('wait')
    const others = [failed(1, 'rate-limit', since(900)), failed(2, 'rate-limit', { agent: bob, ...since(500) })]
    expect(wait(others, 1499)).toBe('none')
    expect(wait(others, 1500)).toBe('wait')
    const without = [failed(1, 'rate-limit', since(900)), failed(2, 'crashed', { agent: bob, ...since(500) })]
    expect(wait(without, 1499)).toBe('none')
    expect(wait(without, 1500)).toBe('wait')
    const otherwise = [failed(1, 'rate-limit', since(900)), failed(2, 'crashed'), failed(3, 'network', since(10))]
    expect(wait(otherwise, 610)).toBe('wait')
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

/** Two agents that fail in this pattern, again and again, until nobody is asked any more. */
function attemptsUntilTheEnd(
  pattern: readonly FailureClass[],
  role: Role,
  settings: ReturnType<typeof config>,
): number {
  const cooldowns = new Map<AgentId, { until: number; count: number; class: FailureClass }>()
  const out = new Set<AgentId>()
  const attempts: Attempt[] = []
  let time = now
  while (attempts.length < mostAttempts) {
    const facts = [ada, bob].map(id =>
      fact(id, {
        out: out.has(id) ? 'out' : null,
        coolingUntil: cooldowns.get(id)?.until ?? 0,
        coolingByLimit: isLimit(cooldowns.get(id)?.class ?? 'crashed'),
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
      cooldowns.set(choice.agent, { until, count: count + 1, class: failureClass })
    }
  }
  return attempts.length
}
