import { rules } from '../agent/failure.ts'
import type { AgentId } from '../ids.ts'
import type { Usage, WpRecord } from './work-package.ts'

/** The session with which the agent's next implementation attempt goes on; null: it begins a new one. */
export function sessionToResume(record: WpRecord, agent: AgentId): string | null {
  const own = record.attempts.filter(attempt => attempt.role === 'implementation')
  const last = own.at(-1)
  // Somebody else has worked on it since: what the session believes of the tree is no longer true.
  if (last?.agent !== agent) return null
  // One that was cut off before it named its session was still in the one it was given.
  const session = last.sessionId ?? last.resumedSession
  if (last.result?.kind !== 'failed') return session
  const rule = rules[last.result.failure.class].session
  return rule === 'fresh' || (rule === 'once' && last.resumedSession !== null) ? null : session
}

/** What this attempt cost by itself, where the CLI reports a resumed session as a whole. */
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
    // One that told nothing was part of the total too: its share is counted here, once.
    if (total !== null) own[name] = Math.max(0, total - before)
  }
  return own
}
