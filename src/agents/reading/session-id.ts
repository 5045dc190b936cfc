import type { JsonRecord } from '../../core/json.ts'
import type { AgentOutput } from '../../run/attempts/agent.ts'
import { jsonRecords } from './output.ts'

/** A session name that is safe as an argument: a plain token that is not an option. */
export function sessionIdOf(value: unknown): string | null {
  return typeof value === 'string' && /^[A-Za-z0-9_][A-Za-z0-9_-]{0,99}$/.test(value) ? value : null
}

/** The first session named on stdout. Some CLIs name it only in the first line, which the tail of a long log lacks. */
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
