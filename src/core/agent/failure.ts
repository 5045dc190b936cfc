/** Why an attempt failed. A closed list: a new class does not compile until every switch handles it. */
export const failureClasses = [
  'usage-limit',
  'rate-limit',
  'overloaded',
  'network',
  'auth',
  'billing',
  'missing-binary',
  'bad-invocation',
  'timed-out',
  'stalled',
  'output-limit',
  'context-exceeded',
  'max-turns',
  'no-change',
  'no-verdict',
  'agent-error',
  'crashed',
  'refused',
  'checks-failed',
  'host-rejected',
] as const

export type FailureClass = (typeof failureClasses)[number]

export interface Failure {
  readonly class: FailureClass
  /** The agent's own words, redacted and short enough for one line. */
  readonly detail: string
  /** When a limit ends, ISO 8601, if the record says so. */
  readonly resetAt?: string
}

/**
 * - `cool-down`: the agent is not used until the stated reset, or for a growing pause.
 * - `agent-out`: the agent cannot be used again in this run; the next one takes over.
 * - `retry`: the same agent again, as often as `max_retries` allows, then the next agent.
 * - `fallback`: the same agent would fail again; the next agent, then a person.
 * - `feedback`: the reason goes back to the agent; the same reason twice asks a person.
 */
export type Consequence = 'cool-down' | 'agent-out' | 'retry' | 'fallback' | 'feedback'

export interface Rule {
  readonly consequence: Consequence
  /** How many of these count as one failed attempt against `max_retries`; null: they never count. */
  readonly perRetry: number | null
  /** After this many by one agent on one WP, role and cycle the next agent takes over; null: no bound besides `max_retries`. */
  readonly most: number | null
  /**
   * Whether the next attempt may continue the session of this one, if the CLI can. `once`: the session may be the cause,
   * so not if this attempt had already continued it.
   */
  readonly session: 'continue' | 'once' | 'fresh'
}

const coolDown: Rule = { consequence: 'cool-down', perRetry: null, most: null, session: 'continue' }
/** Every fifth network or overload failure of one agent on one WP counts as a failed attempt, so that waiting ends. */
const transient: Rule = { ...coolDown, perRetry: 5 }
const agentOut: Rule = { consequence: 'agent-out', perRetry: null, most: null, session: 'fresh' }
const retry: Rule = { consequence: 'retry', perRetry: 1, most: null, session: 'continue' }

/** The failure table of product.md (Judgement), as data. */
export const rules: Readonly<Record<FailureClass, Rule>> = {
  'usage-limit': coolDown,
  'rate-limit': coolDown,
  overloaded: transient,
  network: transient,
  auth: agentOut,
  billing: agentOut,
  'missing-binary': agentOut,
  'bad-invocation': agentOut,
  'timed-out': retry,
  stalled: { ...retry, session: 'once' },
  'output-limit': { ...retry, session: 'once' },
  /** Its session is too long. */
  'context-exceeded': { ...retry, session: 'fresh' },
  'max-turns': retry,
  'no-change': { ...retry, session: 'once' },
  /** A reviewer without a verdict is asked once more, then the next one. */
  'no-verdict': { ...retry, perRetry: null, most: 2 },
  'agent-error': { ...retry, session: 'fresh' },
  crashed: { ...retry, session: 'once' },
  refused: { consequence: 'fallback', perRetry: null, most: 1, session: 'fresh' },
  'checks-failed': retry,
  'host-rejected': { consequence: 'feedback', perRetry: null, most: null, session: 'continue' },
}

/** Whether a plan or an account is at its limit, which ends at a given time. */
export function isLimit(name: FailureClass): boolean {
  return name === 'usage-limit' || name === 'rate-limit'
}

/** Classes that an agent's own record can report; sko decides the others. */
export const agentFailureClasses = failureClasses.filter(
  name => name !== 'output-limit' && name !== 'checks-failed' && name !== 'host-rejected',
)
