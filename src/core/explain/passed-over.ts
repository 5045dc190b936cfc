import { type AgentFact, attemptsOfCycle, eligible, inTurn, isExhausted } from '../agent/agent-choice.ts'
import type { AgentId } from '../ids.ts'
import type { StepRules } from '../rules.ts'
import { repeatedFailures, repeatsItself } from '../work-package/loop-breaker.ts'
import type { Role, WpRecord } from '../work-package/work-package.ts'

/** An agent that the role prefers to the one that was chosen, and why it was not chosen. */
export interface PassedOver {
  readonly agent: AgentId
  readonly why:
    | { readonly kind: 'out'; readonly reason: string }
    | { readonly kind: 'cooling'; readonly until: number; readonly reason: string }
    /** It made the work that is to be reviewed. */
    | { readonly kind: 'implementer' }
    | { readonly kind: 'retries-used' }
    | { readonly kind: 'repeats-itself' }
    /** `agents.fallback_strategy` lets only one agent take the role. */
    | { readonly kind: 'not-in-turn' }
}

/** `chosen`: null where none was. */
export function passedOver(
  role: Role,
  record: WpRecord,
  agents: readonly AgentFact[],
  rules: StepRules,
  now: number,
  chosen: AgentId | null,
): readonly PassedOver[] {
  const place = agents.findIndex(({ id }) => id === chosen)
  const before = place < 0 ? agents : agents.slice(0, place)
  return before.flatMap(agent => {
    const why = whyNot(agent, role, record, agents, rules, now)
    return why ? [{ agent: agent.id, why }] : []
  })
}

function whyNot(
  agent: AgentFact,
  role: Role,
  record: WpRecord,
  agents: readonly AgentFact[],
  rules: StepRules,
  now: number,
): PassedOver['why'] | null {
  const { id, out, coolingUntil, coolingReason } = agent
  const tried = attemptsOfCycle(record, role)
  const allowed = eligible(role, record, agents, rules)
  if (out !== null) return { kind: 'out', reason: out }
  if (isExhausted(id, tried, rules)) return { kind: 'retries-used' }
  if (repeatsItself(id, repeatedFailures(tried))) return { kind: 'repeats-itself' }
  if (coolingUntil > now) return { kind: 'cooling', until: coolingUntil, reason: coolingReason }
  const mustDiffer = role === 'review' && rules.review.reviewer !== 'any' && !rules.agents.single_agent_mode
  if (mustDiffer && id === record.work?.agent) return { kind: 'implementer' }
  return inTurn(allowed, tried, rules).includes(agent) ? null : { kind: 'not-in-turn' }
}
