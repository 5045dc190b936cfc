import { type AgentId, isAgentId } from '../ids.ts'
import type { Failure, FailureClass } from './failure.ts'

/** A limit belongs to the agent, or to its model when one is configured: `codex`, `codex/gpt-5`. */
export type CooldownKey = AgentId | `${AgentId}/${string}`

export function isCooldownKey(text: string): text is CooldownKey {
  return isAgentId(text.split('/')[0] ?? '')
}

export function cooldownKey(agent: AgentId, model: string | null): CooldownKey {
  return model === null ? agent : `${agent}/${model}`
}

/** First and longest pause in seconds, when the agent states no reset time. */
const pauses: Partial<Record<FailureClass, readonly [number, number]>> = {
  'usage-limit': [900, 3600],
  'rate-limit': [60, 1800],
  overloaded: [15, 600],
  network: [15, 600],
}

/** Clocks differ: an agent that is asked exactly at its reset may refuse again, which costs a call. */
const resetMarginMs = 2_000

/** After this many stated resets in a row that did not help, the pause is longer than the stated one. */
const believedInARow = 2

/**
 * When an agent at its limit may be asked again, milliseconds since the epoch.
 * `inARow` counts the cooldowns before this one without a success; `jitter` is in [0, 1). A reset after `since`, the start
 * of the attempt, is believed even if it is over now, because the work is processed before the failure is.
 */
export function cooldownEnd(failure: Failure, inARow: number, now: number, jitter: number, since = now): number {
  const reset = failure.resetAt ? Date.parse(failure.resetAt) : Number.NaN
  if (!(reset > Math.min(since, now))) return now + pauseMs(pauses[failure.class] ?? [60, 1800], inARow, jitter)
  if (inARow < believedInARow) return Math.max(reset + resetMarginMs, now)
  return Math.max(reset + resetMarginMs, now + pauseMs([60, 1800], inARow - believedInARow, jitter))
}

function pauseMs([first, longest]: readonly [number, number], doublings: number, jitter: number): number {
  return Math.round(Math.min(first * 2 ** Math.min(doublings, 16), longest) * (1 + jitter / 4) * 1000)
}
