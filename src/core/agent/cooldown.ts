import { type AgentId, isAgentId } from '../ids.ts'
import type { Failure, FailureClass } from './failure.ts'

/** A limit is the agent's, or that of one of its models where one is configured: `codex`, `codex/gpt-5`. */
export type CooldownKey = AgentId | `${AgentId}/${string}`

export function isCooldownKey(text: string): text is CooldownKey {
  return isAgentId(text.split('/')[0] ?? '')
}

export function cooldownKey(agent: AgentId, model: string | null): CooldownKey {
  return model === null ? agent : `${agent}/${model}`
}

/** First pause and longest pause, seconds, where the agent states no reset time. */
const pauses: Partial<Record<FailureClass, readonly [number, number]>> = {
  'usage-limit': [900, 3600],
  'rate-limit': [60, 1800],
  overloaded: [15, 600],
  network: [15, 600],
}

/** Clocks differ: an agent asked at the very second of its reset refuses again, and spends a call. */
const resetMarginMs = 2_000

/** An agent whose stated reset has come and gone so often in a row, and refuses still, is left alone for longer than it says. */
const believedInARow = 2

/**
 * When an agent at its limit may be asked again, milliseconds since the epoch.
 * `inARow` counts the cooldowns before this one without a success; `jitter` is in [0, 1). A reset that has come since the
 * attempt began at `since` is believed: what an agent left is looked at before its failure is.
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
