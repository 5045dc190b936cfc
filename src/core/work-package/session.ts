import { rules } from '../agent/failure.ts'
import type { AgentId } from '../ids.ts'
import type { Usage, WpRecord } from './work-package.ts'

/** The session that the agent's next implementation attempt continues; null: it starts a new one. */
export function sessionToResume(record: WpRecord, agent: AgentId): string | null {
  const own = record.attempts.filter(attempt => attempt.role === 'implementation')
  const last = own.at(-1)
  // Another agent has worked on it since, so the session has an outdated view of the tree.
  if (last?.agent !== agent) return null
  // An attempt that was cut off before it reported a session was in the one it was given.
  const session = last.sessionId ?? last.resumedSession
  if (last.result?.kind !== 'failed') return session
  const rule = rules[last.result.failure.class].session
  return rule === 'fresh' || (rule === 'once' && last.resumedSession !== null) ? null : session
}

/** The cost of this attempt alone, for a CLI that reports the total of a resumed session. */
export function ownUsage(
  reported: Usage | null,
  sessionId: string | null,
  record: WpRecord,
  cumulative: readonly (keyof Usage)[],
): Usage | null {
  if (reported === null || sessionId === null) return reported
  const earlier = record.attempts.filter(attempt => attempt.sessionId === sessionId)
  const own = { ...reported }
  for (const name of cumulative) {
    const total = reported[name]
    const before = earlier.reduce((sum, attempt) => sum + (attempt.usage?.[name] ?? 0), 0)
    // An attempt that reported nothing is part of the total too: its share is counted here, once.
    if (total !== null) own[name] = Math.max(0, total - before)
  }
  return own
}
