import { type FailureClass, isLimit } from '../../core/agent/failure.ts'
import { quote, withoutEscapes } from '../../core/text.ts'
import type { Usage } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading } from '../../run/attempts/agent.ts'
import { lastLine } from './output.ts'
import { resetTimeIn } from './reset-time.ts'

export type Pattern = readonly [RegExp, FailureClass]

/** The class of the first matching pattern. Patterns are anchored and match only error records, never tool output. */
export function classOf(words: string, patterns: readonly Pattern[]): FailureClass | null {
  return patterns.find(([pattern]) => pattern.test(words))?.[1] ?? null
}

/** The meaning of an HTTP status of a model's API in every CLI; null: the status alone is not enough. */
function classOfStatus(status: number | null): FailureClass | null {
  if (status === null) return null
  if (status === 401 || status === 403) return 'auth'
  if (status === 402) return 'billing'
  /** The model does not exist. */
  if (status === 404) return 'bad-invocation'
  if (status === 408) return 'network'
  if (status === 413) return 'context-exceeded'
  if (status === 429) return 'rate-limit'
  return status >= 500 ? 'overloaded' : null
}

/** The status decides, except for 429, which also means a spent quota or plan: there the message is more exact. */
export function classOfError(status: number | null, words: string, patterns: readonly Pattern[]): FailureClass | null {
  const byStatus = classOfStatus(status)
  if (byStatus !== null && byStatus !== 'rate-limit') return byStatus
  return classOf(words, patterns) ?? byStatus
}

/** A failure in the agent's own words, made safe to store and show, with the end of a limit if the words state it. */
export function failed(
  output: Pick<AgentOutput, 'endedAt'>,
  failureClass: FailureClass,
  words: string,
  kept: { readonly text?: string; readonly usage?: Usage | null } = {},
): AgentReading {
  const resetAt = isLimit(failureClass) ? resetTimeIn(words, new Date(output.endedAt)) : null
  const failure = { class: failureClass, detail: quote(words) || failureClass, ...(resetAt ? { resetAt } : {}) }
  return { ok: false, failure, text: kept.text ?? '', usage: kept.usage ?? null }
}

export interface EndSigns {
  /** Exit codes with a specific meaning in this CLI. */
  readonly exitCodes?: Readonly<Record<number, FailureClass>>
  /** stderr lines with which it gives up, tried in this order. */
  readonly stderr?: readonly Pattern[]
}

/** The failure of a CLI that ended without its usual closing record, whatever its exit code. */
export function withoutRecord(output: AgentOutput, { exitCodes = {}, stderr = [] }: EndSigns): AgentReading {
  const { exitCode } = output
  const lines = withoutEscapes(output.stderr)
    .split('\n')
    .map(line => line.trim())
  const words = lines.find(line => classOf(line, stderr) !== null) ?? ''
  const ended = exitCode === null ? 'ended by a signal' : `exit ${exitCode}`
  const said = words || lastLine(lines.join('\n')) || lastLine(output.stdout)
  const detail = said ? `${ended}; ${said}` : `${ended} without a closing record`
  const byCode = exitCode === null ? undefined : exitCodes[exitCode]
  if (byCode) return failed(output, byCode, detail)
  if (exitCode === null || exitCode > 128) return failed(output, 'crashed', `${ended} without a closing record`)
  const byWords = exitCode === 0 ? null : classOf(words, stderr)
  return failed(output, byWords ?? 'agent-error', byWords ? words : detail)
}
