import type { AgentFact } from '../../core/agent/agent-choice.ts'
import { type CooldownKey, cooldownEnd, cooldownKey } from '../../core/agent/cooldown.ts'
import { type Failure, isLimit } from '../../core/agent/failure.ts'
import type { AgentId } from '../../core/ids.ts'
import type { Cooldown, Ports } from '../ports.ts'

/** Which agents wait for a limit to be over. */
export interface Cooldowns {
  of(key: CooldownKey): Pick<AgentFact, 'coolingUntil' | 'coolingReason' | 'coolingByLimit' | 'coolingForMs'>
  /** An attempt has reached the limit. */
  met(limit: MetLimit, failure: Failure): Promise<void>
  /** An attempt since the limit was able to work, even if it failed later. */
  proved(key: CooldownKey): void
  /** An attempt that began at `startedAt` has succeeded. */
  succeeded(key: CooldownKey, startedAt: string): Promise<void>
}

interface MetLimit {
  readonly agent: AgentId
  readonly model: string | null
  readonly startedAt: string
}

export function createCooldowns(
  stored: Readonly<Record<CooldownKey, Cooldown>>,
  { clock, store, report }: Pick<Ports, 'store' | 'clock' | 'report'>,
): Cooldowns {
  const cooldowns = new Map<string, Cooldown>(Object.entries(stored))
  /** Cooldowns that are over: they do not start again when the clock is set back. */
  const over = new Set<CooldownKey>()
  /** Agents that were able to work in an attempt since, even if it failed later. */
  const proved = new Set<CooldownKey>()

  return {
    of: key => {
      const cooldown = cooldowns.get(key)
      const until = cooldown ? Date.parse(cooldown.until) : 0
      if (cooldown && until <= clock.now()) over.add(key)
      return {
        coolingUntil: over.has(key) ? 0 : until,
        coolingReason: cooldown?.reason ?? '',
        coolingByLimit: cooldown !== undefined && isLimit(cooldown.class),
        coolingForMs: cooldown?.waitedMs ?? 0,
      }
    },
    met: async ({ agent, model, startedAt }, failure) => {
      const key = cooldownKey(agent, model)
      const before = cooldowns.get(key)
      const cooldown = cooldownAfter(before, failure, startedAt, {
        now: clock.now(),
        isOver: over.has(key),
        isProved: proved.has(key),
      })
      if (cooldown === null) return
      cooldowns.set(key, cooldown)
      over.delete(key)
      proved.delete(key)
      await store.saveCooldown(key, cooldown)
      report({ type: 'cooldown', agent, model, until: cooldown.until, reason: cooldown.reason })
    },
    proved: key => void proved.add(key),
    succeeded: async (key, startedAt) => {
      const cooldown = cooldowns.get(key)
      // An attempt that started before the end of the cooldown says nothing about it.
      if (!cooldown || (Date.parse(cooldown.until) > Date.parse(startedAt) && !over.has(key))) return
      cooldowns.delete(key)
      await store.saveCooldown(key, null)
    },
  }
}

interface LimitFacts {
  readonly now: number
  readonly isOver: boolean
  readonly isProved: boolean
}

/** Returns null when the limit is already known and does not last longer. */
function cooldownAfter(
  before: Cooldown | undefined,
  failure: Failure,
  startedAt: string,
  { now, isOver, isProved }: LimitFacts,
): Cooldown | null {
  const earlierEnd = before ? Date.parse(before.until) : 0
  // Parallel attempts reach the same limit: it counts once, however many report it.
  const wasSetBack = isOver && now < earlierEnd
  const same = before !== undefined && Date.parse(startedAt) < earlierEnd && !wasSetBack
  const inARow = before === undefined ? 0 : same ? before.count - 1 : before.count
  const end = cooldownEnd(failure, inARow, now, (now % 997) / 997, Date.parse(startedAt))
  if (same && end <= earlierEnd) return null
  return {
    until: new Date(end).toISOString(),
    class: failure.class,
    reason: `${failure.class}: ${failure.detail}`,
    count: inARow + 1,
    waitedMs: same
      ? before.waitedMs + (end - earlierEnd)
      : (isUnbroken(before, startedAt) && !isProved ? before.waitedMs : 0) + (end - now),
  }
}

/** A limit within this time after the end of the last one is the same limit; later, it is a new one. */
const sameLimitMs = 3_600_000

function isUnbroken(before: Cooldown | undefined, startedAt: string): before is Cooldown {
  return before !== undefined && Date.parse(startedAt) - Date.parse(before.until) <= sameLimitMs
}
