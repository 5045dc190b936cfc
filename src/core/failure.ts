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
  'context-exceeded',
  'max-turns',
  'no-change',
  'no-verdict',
  'agent-error',
  'crashed',
  'refused',
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
 * - `cool-down`: the agent is left alone until the stated reset or a growing pause; nobody's retries are spent.
 * - `agent-out`: the agent cannot work in this run at all; the next one takes over.
 * - `retry`: the same agent again, as often as `max_retries` allows, then the next agent.
 * - `fallback`: asking the same agent again would answer the same; the next agent, then a person.
 */
export type Consequence = 'cool-down' | 'agent-out' | 'retry' | 'fallback'

export const consequences: Readonly<Record<FailureClass, Consequence>> = {
  'usage-limit': 'cool-down',
  'rate-limit': 'cool-down',
  overloaded: 'cool-down',
  network: 'cool-down',
  auth: 'agent-out',
  billing: 'agent-out',
  'missing-binary': 'agent-out',
  'bad-invocation': 'agent-out',
  'timed-out': 'retry',
  stalled: 'retry',
  'context-exceeded': 'retry',
  'max-turns': 'retry',
  'no-change': 'retry',
  'no-verdict': 'retry',
  'agent-error': 'retry',
  crashed: 'retry',
  refused: 'fallback',
}
