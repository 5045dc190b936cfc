import type { AgentId } from '../ids.ts'
import type { StepRules } from '../rules.ts'
import { repeatedFailures, repeatsItself, whyLoopEnds } from '../work-package/loop-breaker.ts'
import type { Attempt, Role, WpRecord } from '../work-package/work-package.ts'
import { type FailureClass, failureClasses, rules } from './failure.ts'

/** What is known about an agent now. Lists are in order of preference for the role. */
export interface AgentFact {
  readonly id: AgentId
  /** Why it cannot be used in this run: disabled, not installed, signed out …; null when it can. */
  readonly out: string | null
  /** True when it could not be used when the run began; the next agent takes its place in the order. */
  readonly absent: boolean
  /** Milliseconds since the epoch; 0 when it is not cooling down. */
  readonly coolingUntil: number
  readonly coolingReason: string
  /** True when a usage limit is the cause (see `limits.on_usage_limit`), not the network or a server. */
  readonly coolingByLimit: boolean
  /** Total wait for this limit since it began, up to `coolingUntil`. */
  readonly coolingForMs: number
}

export type AgentChoice =
  | { readonly kind: 'start'; readonly agent: AgentId }
  | { readonly kind: 'wait'; readonly until: number; readonly reason: string }
  /** No agent in this run, because of `limits.on_usage_limit: stop`; a later run continues. */
  | { readonly kind: 'held'; readonly reason: string }
  | { readonly kind: 'none'; readonly reason: string }

/** Chooses the agent for the next attempt of `role` on this WP. Depends only on the record, the agents and the time. */
export function chooseAgent(
  role: Role,
  record: WpRecord,
  agents: readonly AgentFact[],
  config: StepRules,
  now: number,
): AgentChoice {
  const tried = attemptsOfCycle(record, role)
  const candidates = inTurn(eligible(role, record, agents, config), tried, config)
  const usable = candidates.filter(agent => agent.out === null)
  if (usable.length === 0) return { kind: 'none', reason: whyNobody(role, record, agents, candidates, config) }
  const repeated = repeatedFailures(tried)
  const loop = whyLoopEnds(repeated)
  if (loop !== null) return { kind: 'none', reason: loop }
  const inOrder = usable.filter(({ id }) => !isExhausted(id, tried, config) && !repeatsItself(id, repeated))
  const free = inOrder.find(agent => agent.coolingUntil <= now)
  const first = inOrder[0]
  if (!first) return { kind: 'none', reason: whatWasTried(role, tried) }
  const switches = first.coolingByLimit && config.limits.on_usage_limit === 'switch'
  if (free === first || (free && switches)) return afterDelay(free.id, role, record, config, now)
  const cooling = switches ? inOrder.reduce(freeFirst) : first
  return waitFor(cooling, record, config)
}

/** One agent that does everything reviews its own work only after a while (`agents.single_agent_mode`). */
function afterDelay(agent: AgentId, role: Role, record: WpRecord, config: StepRules, now: number): AgentChoice {
  const mode = config.agents.single_agent_mode
  const implemented = record.attempts.findLast(attempt => attempt.role === 'implementation')?.endedAt
  if (!mode || role !== 'review' || !implemented) return { kind: 'start', agent }
  const until = Date.parse(implemented) + mode.delay_seconds * 1000
  // After the clock was set back, the time since then is not known.
  if (until <= now || now < Date.parse(implemented)) return { kind: 'start', agent }
  return {
    kind: 'wait',
    until,
    reason: `agents.single_agent_mode: the review starts ${mode.delay_seconds} s after the work`,
  }
}

function freeFirst(a: AgentFact, b: AgentFact): AgentFact {
  return b.coolingUntil < a.coolingUntil ? b : a
}

function waitFor(agent: AgentFact, record: WpRecord, config: StepRules): AgentChoice {
  const { on_usage_limit, max_wait_seconds } = config.limits
  if (agent.coolingByLimit && on_usage_limit === 'stop') {
    return { kind: 'held', reason: `${agent.id}: ${agent.coolingReason} (limits.on_usage_limit is stop)` }
  }
  if (waitOf(agent, record) > max_wait_seconds * 1000) {
    const until = new Date(agent.coolingUntil).toISOString()
    return {
      kind: 'none',
      reason: `${agent.id} cannot be used until ${until}, a longer wait than limits.max_wait_seconds (${max_wait_seconds}): ${agent.coolingReason}`,
    }
  }
  return { kind: 'wait', until: agent.coolingUntil, reason: `${agent.id}: ${agent.coolingReason}` }
}

/** The wait belongs to the limit, whichever WP reached it. `sko retry` starts the wait again for that WP. */
function waitOf({ coolingUntil, coolingForMs }: AgentFact, { retriedAt }: WpRecord): number {
  return retriedAt === null ? coolingForMs : Math.min(coolingForMs, coolingUntil - Date.parse(retriedAt))
}

/** All agents; or, if no fallback is allowed, only the agent that was tried, or else the first one. */
export function inTurn(
  agents: readonly AgentFact[],
  tried: readonly Attempt[],
  config: StepRules,
): readonly AgentFact[] {
  if (config.agents.fallback_strategy === 'next_in_list') return agents
  const one = agents.find(({ id }) => id === tried[0]?.agent) ?? agents.find(({ absent }) => !absent) ?? agents[0]
  return one ? [one] : []
}

/** Agents that their roles, and for reviews the rule about the implementer, allow; in order of preference. */
export function eligible(
  role: Role,
  record: WpRecord,
  agents: readonly AgentFact[],
  config: StepRules,
): readonly AgentFact[] {
  const implementer = record.work?.agent
  if (config.agents.single_agent_mode || role === 'implementation' || !implementer) return agents
  if (config.review.reviewer === 'any') return agents
  const others = agents.filter(agent => agent.id !== implementer)
  if (config.review.reviewer === 'require_other') return others
  return [...others, ...agents.filter(agent => agent.id === implementer)]
}

export function attemptsOfCycle(record: WpRecord, role: Role): readonly Attempt[] {
  return record.attempts.filter(
    attempt => attempt.role === role && attempt.cycle === record.cycle && attempt.number > record.retriedAfterAttempt,
  )
}

export function isExhausted(agent: AgentId, tried: readonly Attempt[], config: StepRules): boolean {
  const failures = tried
    .filter(attempt => attempt.agent === agent)
    .flatMap(attempt => (attempt.result?.kind === 'failed' ? [attempt.result.failure.class] : []))
  const count = (name: FailureClass) => failures.filter(failure => failure === name).length
  if (failureClasses.some(name => count(name) >= (rules[name].most ?? Number.POSITIVE_INFINITY))) return true
  const spent = failureClasses.reduce(
    (sum, name) => sum + Math.floor(count(name) / (rules[name].perRetry ?? Number.POSITIVE_INFINITY)),
    0,
  )
  return spent >= allowedFailures(config)
}

function allowedFailures(config: StepRules): number {
  const round = 1 + config.agents.max_retries
  switch (config.agents.fallback_strategy) {
    case 'next_in_list':
      return round
    case 'same_agent':
      return 2 * round
    case 'fail':
      return 1
  }
}

function whyNobody(
  role: Role,
  record: WpRecord,
  agents: readonly AgentFact[],
  candidates: readonly AgentFact[],
  config: StepRules,
): string {
  const allowed = eligible(role, record, agents, config)
  if (agents.length > 0 && allowed.length === 0) {
    return `review.reviewer is require_other and no agent other than ${record.work?.agent} may review`
  }
  const list = candidates.map(agent => `${agent.id} (${agent.out})`).join(', ')
  const others = allowed.some(({ out }) => out === null)
  const why = others ? `; agents.fallback_strategy allows no other: ${config.agents.fallback_strategy}` : ''
  return `no agent can do the ${role}: ${list || 'none is configured'}${why}`
}

function whatWasTried(role: Role, tried: readonly Attempt[]): string {
  const last = tried.findLast(attempt => attempt.result?.kind === 'failed')?.result
  const count = tried.filter(attempt => attempt.result?.kind === 'failed').length
  const agents = [...new Set(tried.map(attempt => attempt.agent))].join(', ')
  const why = last?.kind === 'failed' ? `: ${last.failure.class}: ${last.failure.detail}` : ''
  return `${role} failed ${count} ${count === 1 ? 'time' : 'times'} (${agents})${why}`
}
