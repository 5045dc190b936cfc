import { type FailureClass, isLimit } from '../../core/agent/failure.ts'
import { quote, withoutEscapes } from '../../core/text.ts'
import type { Usage } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading } from '../../run/attempts/agent.ts'
import { lastLine } from './output.ts'
import { resetTimeIn } from './reset-time.ts'

export type Pattern = readonly [RegExp, FailureClass]

/** The class of the first pattern that fits. Patterns are anchored and see error records only, never what a tool printed. */
export function classOf(words: string, patterns: readonly Pattern[]): FailureClass | null {
  return patterns.find(([pattern]) => pattern.test(words))?.[1] ?? null
}

/** What an HTTP status of a model's API means, whichever the CLI; null where it alone does not tell. */
function classOfStatus(status: number | null): FailureClass | null {
  if (status === null) return null
  if (status === 401 || status === 403) return 'auth'
  if (status === 402) return 'billing'
  /** Of a model API: it has no such model. */
  if (status === 404) return 'bad-invocation'
  if (status === 408) return 'network'
  if (status === 413) return 'context-exceeded'
  if (status === 429) return 'rate-limit'
  return status >= 500 ? 'overloaded' : null
}

/** The status decides, except that 429 is also what a spent quota or plan answers: there the words are finer. */
export function classOfError(status: number | null, words: string, patterns: readonly Pattern[]): FailureClass | null {
  const byStatus = classOfStatus(status)
  if (byStatus !== null && byStatus !== 'rate-limit') return byStatus
  return classOf(words, patterns) ?? byStatus
}

/** A failure in the agent's own words, made fit to be stored and shown, with the end of a limit where they state it. */
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
  /** Exit codes that mean one thing in this CLI. */
  readonly exitCodes?: Readonly<Record<number, FailureClass>>
  /** Lines of stderr with which it gives up, looked for in this order. */
  readonly stderr?: readonly Pattern[]
}

/** The failure of a CLI that ended without the record with which it always ends a run, whatever its exit code. */
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
