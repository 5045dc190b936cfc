import * as z from 'zod'
import type { FailureClass } from '../../core/agent/failure.ts'
import type { Usage } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading } from '../../run/attempts/agent.ts'
import { classOf, classOfError, type EndSigns, failed, type Pattern, withoutRecord } from './failures.ts'
import { jsonRecords, lastLine, lastOfType } from './output.ts'

const text = z.string().nullish().catch(null)
const count = z.number().nullish().catch(null)

/**
 * The closing record that Claude Code introduced and other CLIs adopted. Fields that a CLI does not report are missing.
 */
const resultRecord = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: text,
  structured_output: z.unknown().optional(),
  structured_result: z.unknown().optional(),
  error: z.object({ message: text }).nullish().catch(null),
  errors: z.array(z.string()).nullish().catch(null),
  api_error_status: count,
  api_error: text,
  terminal_reason: text,
  stop_reason: text,
  total_cost_usd: count,
  usage: z.record(z.string(), z.unknown()).nullish().catch(null),
})

export type ResultRecord = z.infer<typeof resultRecord>

/** What differs between the CLIs that print this record. */
export interface ResultDialect extends EndSigns {
  /** The answer in the CLI's own schema, which a review asks for. Without it there is no verdict. */
  readonly structured?: (record: ResultRecord) => unknown
  readonly usage: (record: ResultRecord) => Usage | null
  /** The class according to fields other than status and message; null: they do not tell. */
  readonly classOf?: (record: ResultRecord, output: AgentOutput) => FailureClass | null
  /** Matched against the message of a record that reports failure. */
  readonly errors: readonly Pattern[]
}

/**
 * Success is exit 0 *and* a closing record that reports success. `subtype` alone is not enough: Claude Code's is wrong
 * on API errors.
 */
export function readResultRecord(output: AgentOutput, dialect: ResultDialect): AgentReading {
  const record = lastOfType(jsonRecords(output.stdout), 'result')
  if (!record) return withoutRecord(output, dialect)
  const parsed = resultRecord.safeParse(record)
  if (!parsed.success) return failed(output, 'agent-error', 'its result record has an unknown shape')
  const result = parsed.data
  const kept = { text: result.result ?? '', usage: dialect.usage(result) }
  if (output.exitCode === 0 && !result.is_error && result.subtype === 'success') {
    const structured = dialect.structured?.(result) ?? null
    if (output.role !== 'review' || structured !== null || !dialect.structured) {
      return { ok: true, ...kept, structured }
    }
    return failed(output, 'no-verdict', `no structured verdict; it said: ${kept.text || 'nothing'}`, kept)
  }
  const words = errorWords(result) || lastLine(output.stderr) || result.subtype
  return failed(output, classOfResult(result, words, output, dialect), words, kept)
}

function errorWords({ result, error, errors, api_error }: ResultRecord): string {
  return error?.message || result || errors?.join('; ') || api_error || ''
}

function classOfResult(result: ResultRecord, words: string, output: AgentOutput, dialect: ResultDialect): FailureClass {
  const { exitCode } = output
  const byCode = exitCode === null ? undefined : dialect.exitCodes?.[exitCode]
  if (!byCode && (exitCode === null || exitCode > 128)) return 'crashed'
  const byFields = dialect.classOf?.(result, output) ?? null
  if (byFields !== null) return byFields
  // The record reports success but the exit code does not: its text is an answer, so the reason is on stderr.
  const byWords = result.is_error
    ? classOfError(result.api_error_status ?? null, words, dialect.errors)
    : classOf(lastLine(output.stderr), dialect.stderr ?? [])
  return byWords ?? byCode ?? 'agent-error'
}
