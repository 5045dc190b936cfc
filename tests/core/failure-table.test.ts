import { describe, expect, it } from 'vitest'
import type { Config } from '../../src/config/schema.ts'
import { cooldownEnd } from '../../src/core/agent/cooldown.ts'
import { type Failure, type FailureClass, failureClasses, isLimit, rules } from '../../src/core/agent/failure.ts'
import type { AgentId } from '../../src/core/ids.ts'
import { applyOutcome } from '../../src/core/work-package/apply-outcome.ts'
import { nextStep } from '../../src/core/work-package/lifecycle.ts'
import type { ActiveStep, Outcome, Step } from '../../src/core/work-package/step.ts'
import { type Role, roles, type WorkPackage } from '../../src/core/work-package/work-package.ts'
import { ada, attempt, bob, config, fact, now, refused, work, workPackage } from './samples.ts'

/**
 * The failure table of product.md (Judgement) as a person reads it. One letter for what follows the 1st, 2nd … failure
 * in a row: `a` the same agent again, `w` the same agent after its cooldown, `n` the next agent, `p` a person. A row ends
 * with the person, or with the seventh failure.
 */
interface Row {
  readonly roles: readonly Role[]
  /** fallback_strategy next_in_list, max_retries 2: each failure in other words. */
  readonly list: string
  /** The same, every failure in the same words: the loop breaker. */
  readonly sameWords: string
  /** next_in_list, max_retries 0 */
  readonly noRetries: string
  /** same_agent, max_retries 2 */
  readonly sameAgent: string
  /** fail */
  readonly fail: string
}

const both = roles
const work_ = ['implementation'] as const
const review_ = ['review'] as const
const retried = { list: 'aanaap', sameWords: 'anp', noRetries: 'np', sameAgent: 'aaaaap', fail: 'p' }
const limit = { list: 'wwwwwww', sameWords: 'wwwwwww', noRetries: 'wwwwwww', sameAgent: 'wwwwwww', fail: 'wwwwwww' }
const transient = { ...limit, noRetries: 'wwwwnww', fail: 'wwwwp' }
const agentOut = { list: 'np', sameWords: 'np', noRetries: 'np', sameAgent: 'p', fail: 'p' }

const table: Readonly<Record<FailureClass, Row>> = {
  // Wait until the stated reset; no retry is burned.
  'usage-limit': { roles: both, ...limit },
  'rate-limit': { roles: both, ...limit },
  // Backoff, bounded; burns nothing until the bound.
  overloaded: { roles: both, ...transient },
  network: { roles: both, ...transient },
  // That agent is out for this run; the next one, where the strategy allows one.
  auth: { roles: both, ...agentOut },
  billing: { roles: both, ...agentOut },
  'missing-binary': { roles: both, ...agentOut },
  'bad-invocation': { roles: both, ...agentOut },
  // Retry, then fallback.
  'timed-out': { roles: both, ...retried },
  stalled: { roles: both, ...retried },
  'output-limit': { roles: both, ...retried },
  'context-exceeded': { roles: both, ...retried },
  'max-turns': { roles: both, ...retried },
  'agent-error': { roles: both, ...retried },
  crashed: { roles: both, ...retried },
  // We say it, so it is always in the same words.
  'no-change': { roles: work_, list: 'anp', sameWords: 'anp', noRetries: 'np', sameAgent: 'ap', fail: 'p' },
  // The same work in other words is still other work: each attempt left a commit.
  'checks-failed': { roles: work_, ...retried, sameWords: 'aanaap' },
  // Ask once more, then the next reviewer, then a person.
  'no-verdict': { roles: review_, list: 'anap', sameWords: 'anap', noRetries: 'anap', sameAgent: 'ap', fail: 'ap' },
  // Fallback, then a person.
  refused: { roles: both, list: 'np', sameWords: 'np', noRetries: 'np', sameAgent: 'p', fail: 'p' },
  // The reason goes back to the agent; the same one twice ends in a person, as does the third.
  'host-rejected': { roles: work_, list: 'aap', sameWords: 'ap', noRetries: 'aap', sameAgent: 'aap', fail: 'aap' },
}

const weekInSeconds = 7 * 24 * 3600
const setting = (agents: Record<string, unknown>) => config({ agents, limits: { max_wait_seconds: weekInSeconds } })
const columns = {
  list: { settings: setting({}), words: 'other' },
  sameWords: { settings: setting({}), words: 'same' },
  noRetries: { settings: setting({ max_retries: 0 }), words: 'other' },
  sameAgent: { settings: setting({ fallback_strategy: 'same_agent' }), words: 'other' },
  fail: { settings: setting({ fallback_strategy: 'fail' }), words: 'other' },
} as const

const letters = {
  a: 'the same agent again',
  w: 'the same agent after its cooldown',
  n: 'the next agent',
  p: 'a person',
}

const columnNames = ['list', 'sameWords', 'noRetries', 'sameAgent', 'fail'] as const

const cases = failureClasses.flatMap(name =>
  table[name].roles.flatMap(role =>
    columnNames.flatMap(column =>
      [...table[name][column]].map((letter, index) => [name, role, column, index + 1, letter] as const),
    ),
  ),
)

describe('the failure table', () => {
  it('has a line for every class, and far more than sixty rows', () => {
    expect(Object.keys(table).toSorted()).toEqual([...failureClasses].toSorted())
    expect(cases.length).toBeGreaterThan(60)
  })

  it.each(cases)('%s, %s, %s: failure %i is followed by %s', (name, role, column, nth, letter) => {
    const { settings, words } = columns[column]
    const told = letters[isLetter(letter) ? letter : 'p']
    expect(consequences(name, role, settings, words)[nth - 1]).toBe(told)
  })

  it.each(failureClasses.flatMap(name => table[name].roles.map(role => [name, role] as const)))(
    '%s, %s: each column ends where the table says so',
    (name, role) => {
      const lengths = columnNames.map(column =>
        consequences(name, role, columns[column].settings, columns[column].words),
      )
      expect(lengths.map(told => told.length)).toEqual(columnNames.map(column => table[name][column].length))
    },
  )
})

describe('limits of the waiting', () => {
  const on = (on_usage_limit: string) => config({ limits: { on_usage_limit } })

  it.each((['usage-limit', 'rate-limit'] as const).flatMap(name => both.map(role => [name, role] as const)))(
    '%s of the %s: another agent where limits.on_usage_limit is switch, none where it is stop',
    (name, role) => {
      expect(consequences(name, role, on('switch'), 'other')[0]).toBe(letters.n)
      expect(consequences(name, role, on('stop'), 'other')).toEqual(['nobody in this run'])
    },
  )

  it.each((['overloaded', 'network'] as const).flatMap(name => both.map(role => [name, role] as const)))(
    '%s of the %s is no limit: waited for, whatever limits.on_usage_limit says',
    (name, role) => {
      for (const how of ['wait', 'switch', 'stop']) {
        expect(consequences(name, role, on(how), 'other')[0]).toBe(letters.w)
      }
    },
  )

  it.each(both)('a limit of the %s that lasts longer than limits.max_wait_seconds asks a person', role => {
    const settings = config({ limits: { max_wait_seconds: 600 } })
    expect(consequences('usage-limit', role, settings, 'other')).toEqual([letters.p])
  })

  it.each(both)('the fifth network failure of the %s counts like one failed attempt', role => {
    const settings = setting({ max_retries: 1 })
    const told = consequences('network', role, settings, 'other', 30)
    expect(told.indexOf(letters.n)).toBe(2 * 5 - 1)
    expect(told.indexOf(letters.p)).toBe(4 * 5 - 1)
  })
})

function isLetter(text: string): text is keyof typeof letters {
  return text in letters
}

type Words = 'same' | 'other'

/** Drives the real lifecycle: every attempt ends in a failure of this class until no agent is left. */
function consequences(name: FailureClass, role: Role, settings: Config, words: Words, most = 7): readonly string[] {
  const told: string[] = []
  const out = new Set<AgentId>()
  const cooling = new Map<AgentId, { readonly until: number; readonly count: number; readonly waitedMs: number }>()
  let time = now
  let waited = false
  let last: AgentId | null = null
  let wp: WorkPackage = workPackage(
    role === 'review' ? 'in_review' : 'in_progress',
    role === 'review' ? { work: { ...work, agent: bob } } : {},
  )
  const settle = (agent: AgentId, failure: Failure): void => {
    const { consequence } = rules[failure.class]
    if (consequence === 'agent-out') out.add(agent)
    if (consequence !== 'cool-down') return
    const before = cooling.get(agent) ?? { count: 0, waitedMs: 0 }
    const until = cooldownEnd(failure, before.count, time, 0)
    cooling.set(agent, { until, count: before.count + 1, waitedMs: before.waitedMs + until - time })
  }
  for (let turn = 0; turn < 1_000; turn += 1) {
    const agents = [ada, bob].map(id =>
      fact(id, {
        out: out.has(id) ? 'out' : null,
        coolingUntil: cooling.get(id)?.until ?? 0,
        coolingByLimit: isLimit(name),
        coolingForMs: cooling.get(id)?.waitedMs ?? 0,
      }),
    )
    const step = nextStep(wp, {
      config: settings,
      agents: { implementation: agents, review: agents },
      now: time,
      ceiling: { implementation: null, review: null },
    })
    if (step.kind === 'wait') {
      time = step.until
      waited = true
      continue
    }
    const starts = step.kind === 'implement' || step.kind === 'review'
    if (last !== null && (starts || isEnd(step))) told.push(consequence(step, last, waited))
    if (isEnd(step) || told.length === most) return told
    const number = wp.record.attempts.length + 1
    const detail = words === 'same' ? 'its words' : 'x'.repeat(number)
    const failure: Failure = { class: name, detail }
    if (starts) {
      last = step.agent
      waited = false
      time += 1_000
      settle(step.agent, failure)
    }
    wp = applyOutcome(wp, step, outcomeOf(step, wp, failure, role))
  }
  throw new Error('it never ends')
}

function isEnd(step: Step): step is Extract<Step, { kind: 'block' | 'finish' }> {
  return step.kind === 'block' || step.kind === 'finish'
}

function consequence(step: Step, last: AgentId, waited: boolean): string {
  if (step.kind === 'block') return letters.p
  if (step.kind === 'finish') return step.end === 'held' ? 'nobody in this run' : `finish: ${step.end}`
  if (!('agent' in step)) return step.kind
  if (step.agent !== last) return letters.n
  return waited ? letters.w : letters.a
}

/** What the world answers, so that the attempt fails in this class and no other. */
function outcomeOf(step: ActiveStep, wp: WorkPackage, failure: Failure, role: Role): Outcome {
  const number = wp.record.attempts.length + 1
  const foundLater: readonly FailureClass[] = ['no-change', 'checks-failed', 'host-rejected']
  switch (step.kind) {
    case 'implement':
    case 'review': {
      const result = foundLater.includes(failure.class) ? 'succeeded' : 'failed'
      const ended = attempt(number, {
        role,
        cycle: wp.record.cycle,
        agent: step.agent,
        headCommit: null,
        startedAt: new Date(now).toISOString(),
        result: result === 'failed' ? { kind: 'failed', failure } : { kind: 'succeeded' },
      })
      return { kind: 'attempt-ended', begun: wp.record, attempt: ended, judgement: null }
    }
    case 'commit': {
      const changed = failure.class === 'checks-failed' || failure.class === 'host-rejected'
      return { kind: 'committed', head: changed ? `head ${number}` : 'base', tree: `tree ${number}`, changed }
    }
    case 'check': {
      const exitCode = failure.class === 'checks-failed' ? 1 : 0
      return { kind: 'checked', results: [{ command: failure.detail, exitCode, output: '', log: '/log' }] }
    }
    case 'submit':
      return refused('move-rejected', 'in_progress', failure.detail)
    default:
      throw new Error(`${step.kind} has no place in this table`)
  }
}
