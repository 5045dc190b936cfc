import type { JsonRecord } from '../../core/json.ts'
import type { AgentOutput } from '../../run/attempts/agent.ts'
import { jsonRecords } from './output.ts'

/** A name for a session that may become an argument: a plain token, and no option. */
export function sessionIdOf(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(value) ? value : null
}

/** The first session that stdout names. Some CLIs name it in their first line alone, which the end of a long one lacks. */
export function sessionNamed(
  { stdout, head, cut }: Pick<AgentOutput, 'stdout' | 'head' | 'cut'>,
  sessionIn: (record: JsonRecord) => unknown,
): string | null {
  const first = (text: string) =>
    jsonRecords(text)
      .map(record => sessionIdOf(sessionIn(record)))
      .find(id => id !== null) ?? null
  return (cut ? first(head) : null) ?? first(stdout)
}
