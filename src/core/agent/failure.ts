/** Why an attempt did not do its work. Closed: a new class does not compile until every place has decided. */
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
  /** When a limit ends, ISO 8601, where the record says so. */
  readonly resetAt?: string
}

/**
 * - `cool-down`: the agent is left alone until the stated reset or a growing pause.
 * - `agent-out`: the agent cannot work in this run at all; the next one takes over.
 * - `retry`: the same agent again, as often as `max_retries` allows, then the next agent.
 * - `fallback`: asking the same agent again would answer the same; the next agent, then a person.
 * - `feedback`: the reason goes back to the agent; the same reason twice asks a person.
 */
export type Consequence = 'cool-down' | 'agent-out' | 'retry' | 'fallback' | 'feedback'

export interface Rule {
  readonly consequence: Consequence
  /** How many of these count like one failed attempt against `max_retries`; null: none ever does. */
  readonly perRetry: number | null
  /** So many by one agent on one WP, role and cycle, and the next takes over, whatever `max_retries`; null: no such bound. */
  readonly most: number | null
  /**
   * Whether the next attempt may go on in the session of this one, where the CLI can. `once`: it may be the cause, so
   * not if this one had gone on with it already.
   */
  readonly session: 'continue' | 'once' | 'fresh'
}

const coolDown: Rule = { consequence: 'cool-down', perRetry: null, most: null, session: 'continue' }
/** The fifth network or overload failure of one agent on one WP counts like one failed attempt: waiting has an end. */
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
  /** Its session is what is too long. */
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

/** What a plan or an account allows is used up, and comes back at a time. */
export function isLimit(name: FailureClass): boolean {
  return name === 'usage-limit' || name === 'rate-limit'
}

/** What an agent's own record can tell; the others are our judgement. */
export const agentFailureClasses = failureClasses.filter(
  name => name !== 'output-limit' && name !== 'checks-failed' && name !== 'host-rejected',
)
