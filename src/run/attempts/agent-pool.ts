import pLimit, { type LimitFunction } from 'p-limit'
import type { AgentFact } from '../../core/agent/agent-choice.ts'
import { type CooldownKey, cooldownKey } from '../../core/agent/cooldown.ts'
import { type Failure, rules } from '../../core/agent/failure.ts'
import type { AgentId } from '../../core/ids.ts'
import { resume } from '../../core/next-command.ts'
import type { RunRules } from '../../core/rules.ts'
import type { Attempt, Role } from '../../core/work-package/work-package.ts'
import type { Policy } from '../host/policy.ts'
import type { Cooldown, Ports } from '../ports.ts'
import type { Agent, AgentSettings, Capabilities } from './agent.ts'
import { createCarefulStart } from './careful-start.ts'
import { createCooldowns } from './cooldowns.ts'

/** The agents of one run: which may do which role, which are unusable or cooling down, and how many run at once. */
export interface AgentPool {
  /** In order of preference. */
  facts(role: Role): readonly AgentFact[]
  agent(id: AgentId): Agent
  policy(id: AgentId, role: Role): Policy
  /** The model that is asked for; null: none, so the CLI uses its default. */
  model(id: AgentId, role: Role): string | null
  reviewerIsReadOnly(id: AgentId): boolean
  timeoutSeconds(id: AgentId): number
  /** Runs `start` when the agent has a free slot (`agents.settings.<id>.max_concurrent`). */
  withSlot<T>(id: AgentId, start: () => Promise<T>): Promise<T>
  /** Occupies a slot of the agent for an attempt that is already running. */
  holdSlot(id: AgentId, until: Promise<unknown>): void
  /** Runs `start`. While it is not known whether the agent is at its limit or signed out, only one attempt starts. */
  startWhenProven<T>(id: AgentId, role: Role, signal: AbortSignal, start: () => Promise<T>): Promise<T>
  /** Effects of an attempt on the agent: a limit starts a cooldown, a broken set-up excludes it, a success clears the limit. */
  attemptEnded(attempt: BegunAttempt, failure: Failure | null): Promise<void>
}

export type BegunAttempt = Pick<Attempt, 'agent' | 'role' | 'startedAt'>

export interface AgentPoolOptions {
  readonly config: RunRules
  readonly registry: ReadonlyMap<AgentId, Agent>
  /** Why an agent cannot be started on this machine (`not installed: …`); null when it can. */
  readonly unavailable: (agent: Agent) => string | null
  readonly cooldowns: Readonly<Record<CooldownKey, Cooldown>>
  /** The policy that the host gets for an agent with these capabilities. */
  readonly policyFor: (agent: Agent, capabilities: Capabilities) => Policy
  readonly ports: Pick<Ports, 'store' | 'clock' | 'report'>
}

/** Settings of the role override the common ones: its model replaces, its arguments are appended, its variables override. */
export function settingsOf(config: RunRules, id: AgentId, role: Role): AgentSettings {
  const both = config.agents.settings[id]
  const own = both?.[role]
  return {
    model: own?.model ?? both?.model ?? null,
    args: [...(both?.args ?? []), ...(own?.args ?? [])],
    env: { ...both?.env, ...own?.env },
  }
}

/** False as soon as the user adds arguments, because they may give the reviewer write access again. */
export function reviewerIsReadOnly(agent: Agent, config: RunRules): boolean {
  return agent.reviewerIsReadOnly && settingsOf(config, agent.id, 'review').args.length === 0
}

/** Agents of a role in the order of the configuration. A higher `priority` comes first; equal ones keep their order. */
export function preferenceOrder(config: RunRules, role: Role): readonly AgentId[] {
  const single = config.agents.single_agent_mode
  if (single) return [single.agent]
  const priority = (id: AgentId) => config.agents.settings[id]?.priority ?? 0
  return [...new Set(config.agents[role])].toSorted((a, b) => priority(b) - priority(a))
}

/** Why the agent cannot do the role on this machine with this configuration; null when it can. */
export function reasonAgainst(
  agent: Agent,
  role: Role,
  config: RunRules,
  unavailable: (agent: Agent) => string | null,
): string | null {
  const settings = config.agents.settings[agent.id]
  if (settings?.enabled === false) return 'disabled in agents.settings'
  if (!agent.roles.includes(role)) return `cannot do the ${role}`
  if (settings?.roles && !settings.roles.includes(role)) return `not enabled for the ${role} in agents.settings`
  return unavailable(agent)
}

export function createAgentPool(options: AgentPoolOptions): AgentPool {
  const { config, registry, ports } = options
  const out = new Map<AgentId, string>()
  const cooldowns = createCooldowns(options.cooldowns, ports)
  const slot = createSlots(config)
  const careful = createCarefulStart(ports.clock)

  const agent = (id: AgentId): Agent => {
    const found = registry.get(id)
    if (!found) throw new Error(`agent ${id} is not in the registry, although the configuration was checked against it`)
    return found
  }

  const reasonOut = (candidate: Agent, role: Role): string | null =>
    out.get(candidate.id) ?? reasonAgainst(candidate, role, config, options.unavailable)

  const modelOf = (id: AgentId, role: Role): string | null => settingsOf(config, id, role).model
  const keyOf = (id: AgentId, role: Role) => cooldownKey(id, modelOf(id, role))

  const fact = (candidate: Agent, role: Role): AgentFact => ({
    id: candidate.id,
    out: reasonOut(candidate, role),
    absent: reasonAgainst(candidate, role, config, options.unavailable) !== null,
    ...cooldowns.of(keyOf(candidate.id, role)),
  })

  const putOut = (id: AgentId, failure: Failure): void => {
    if (out.has(id)) return
    const reason = `${failure.class}: ${failure.detail}`
    out.set(id, reason)
    const next = isOnceDone(failure) ? [{ command: resume, why: `uses ${id} again, once this run has ended` }] : []
    ports.report({ type: 'agent-out', agent: id, reason, hint: hintFor(id, failure), next })
  }

  return {
    facts: role => preferenceOrder(config, role).map(id => fact(agent(id), role)),
    agent,
    model: modelOf,
    policy: (id, role) =>
      options.policyFor(agent(id), agent(id).capabilities({ role, settings: settingsOf(config, id, role) })),
    reviewerIsReadOnly: id => reviewerIsReadOnly(agent(id), config),
    timeoutSeconds: id => config.agents.settings[id]?.timeout_seconds ?? config.agents.timeout_seconds,
    withSlot: (id, start) => slot(id)(start),
    holdSlot: (id, until) => void slot(id)(() => until.catch(() => undefined)),
    startWhenProven: (id, role, signal, start) => careful.begin(keyOf(id, role), signal, start),
    attemptEnded: async (attempt, failure) => {
      const consequence = failure && rules[failure.class].consequence
      if (failure && consequence === 'agent-out') return putOut(attempt.agent, failure)
      const { agent: id, role, startedAt } = attempt
      const key = keyOf(id, role)
      if (failure && consequence === 'cool-down') {
        careful.refused(key)
        return cooldowns.met({ agent: id, model: modelOf(id, role), startedAt }, failure)
      }
      cooldowns.proved(key)
      careful.proved(key, Date.parse(startedAt))
      if (!failure) await cooldowns.succeeded(key, startedAt)
    },
  }
}

/** How many attempts of one agent run at once. */
function createSlots(config: RunRules): (id: AgentId) => LimitFunction {
  const slots = new Map<AgentId, LimitFunction>()
  return id => {
    const existing = slots.get(id)
    if (existing) return existing
    const limit = pLimit(config.agents.settings[id]?.max_concurrent ?? config.max_concurrent_wps)
    slots.set(id, limit)
    return limit
  }
}

/** What the hint says changes nothing in the configuration, so the run as it is can continue with it. */
function isOnceDone(failure: Failure): boolean {
  return failure.class === 'auth' || failure.class === 'billing'
}

function hintFor(id: AgentId, failure: Failure): string {
  switch (failure.class) {
    case 'auth':
      return `sign in with ${id}'s own program`
    case 'billing':
      return `check the plan or the credit of the account ${id} uses`
    case 'missing-binary':
      return `install ${id} or remove it from agents.implementation and agents.review`
    default:
      return `check agents.settings.${id} (model, args) against the version that is installed`
  }
}
