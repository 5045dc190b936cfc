import type { FailureClass } from '../../core/agent/failure.ts'
import { isRecord, type JsonRecord } from '../../core/json.ts'
import { withoutEscapes } from '../../core/text.ts'
import type { Usage } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading } from '../../run/attempts/agent.ts'
import { classOf, classOfError, failed, type Pattern, withoutRecord } from './failures.ts'
import { jsonRecords, lastOfType, textAt } from './output.ts'
import { sumOf, totalUsage, usageOf } from './usage.ts'

/**
 * OpenCode and its fork Kilo print one event per line and no closing record. Success is exit 0, a last step that ended
 * because the model was done, no `error` event, and nothing on stderr about doing something else than asked.
 */
export function readStepEvents(output: AgentOutput): AgentReading {
  const records = jsonRecords(output.stdout)
  const errors = records.filter(record => record.type === 'error').map(record => stepError(record.error))
  const kept = { text: finalText(records), usage: usageOfSteps(output, records) }
  /** Kilo adds a second error that says only that the run failed. */
  const error = errors.findLast(candidate => candidate.class !== null) ?? errors.at(-1)
  if (error) return failed(output, error.class ?? 'agent-error', error.words, kept)
  const reason = textAt(lastOfType(records, 'step_finish'), 'part', 'reason')
  if (output.exitCode !== 0) return withoutRecord(output, { stderr: stderrPatterns })
  const lines = withoutEscapes(output.stderr).split('\n')
  const otherwise = lines.map(line => line.trim()).find(line => classOf(line, noticePatterns) !== null)
  if (otherwise) return failed(output, classOf(otherwise, noticePatterns) ?? 'agent-error', otherwise, kept)
  if (reason === 'stop') return { ok: true, ...kept, structured: null }
  if (reason === 'content-filter') return failed(output, 'refused', 'the model refused to answer', kept)
  if (reason === 'length') return failed(output, 'agent-error', 'its last answer was cut off at the length limit', kept)
  return withoutRecord(output, {})
}

interface StepError {
  /** null: name, status and message do not tell. */
  readonly class: FailureClass | null
  readonly words: string
}

/** `{name, data: {message, statusCode, metadata: {code}}}`; Kilo also has plain text. */
function stepError(error: unknown): StepError {
  if (typeof error === 'string') return { class: null, words: error }
  if (!isRecord(error)) return { class: null, words: '' }
  const name = textAt(error, 'name') ?? ''
  const words = textAt(error, 'data', 'message') ?? name
  const status = isRecord(error.data) && typeof error.data.statusCode === 'number' ? error.data.statusCode : null
  const code = textAt(error, 'data', 'metadata', 'code') ?? ''
  const byCode = connectionCode.test(code) ? 'network' : null
  return { class: errorNames.get(name) ?? classOfError(status, words, errorPatterns) ?? byCode, words }
}

/** The final message: the text after the last tool call. */
function finalText(records: readonly JsonRecord[]): string {
  return records
    .slice(records.findLastIndex(record => record.type === 'tool_use') + 1)
    .map(record => (record.type === 'text' ? textAt(record, 'part', 'text') : null))
    .filter(text => text !== null)
    .join('\n')
}

function usageOfSteps({ cut }: AgentOutput, records: readonly JsonRecord[]): Usage | null {
  return cut
    ? null
    : totalUsage(records.filter(({ type }) => type === 'step_finish').map(({ part }) => stepUsage(part)))
}

/** `input` excludes cached tokens, `output` is the visible text. */
function stepUsage(part: unknown): Usage | null {
  const { tokens, cost } = isRecord(part) ? part : {}
  if (!isRecord(tokens)) return null
  const input = sumOf({ fresh: tokens.input, cached: sumOf(tokens.cache, ['read', 'write']) }, ['fresh', 'cached'])
  return usageOf(input, sumOf(tokens, ['output', 'reasoning']), sumOf({ cost }, ['cost']))
}

const errorNames: ReadonlyMap<string, FailureClass> = new Map([
  ['ContextOverflowError', 'context-exceeded'],
  ['ProviderAuthError', 'auth'],
  ['ContentFilterError', 'refused'],
  ['MessageAbortedError', 'crashed'],
])

const connectionCode = /^(?:ECONN(?:RESET|REFUSED|ABORTED)|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EPIPE|UND_ERR_SOCKET)$/

const errorPatterns: readonly Pattern[] = [
  [/^You exceeded your current quota\b/i, 'billing'],
  [/^(?:The usage limit has been reached|Usage limit reached|Free usage exceeded)\b/i, 'usage-limit'],
  [
    /^(?:Cannot connect to API|Unable to connect|fetch failed|socket hang up|The socket connection was closed)\b/i,
    'network',
  ],
  [/^(?:Model|Provider) not found: /, 'bad-invocation'],
  [/^(?:[\w .-]{1,60} )?API key is missing\b/, 'auth'],
]

/** stderr when it does not start. */
const stderrPatterns: readonly Pattern[] = [
  [/^Error: (?:You must provide a message|Session not found|Model not found)/, 'bad-invocation'],
  /** Its argument parser prints only the help, without a reason. */
  [/^(?:opencode|kilo) run \[message\.\.\.?\]/, 'bad-invocation'],
]

/** After these it continues and exits with 0 (Kilo: 1), although it did not do what was asked. */
const noticePatterns: readonly Pattern[] = [
  [
    /^! +agent "[^"]*" (?:not found|is a subagent, not a primary agent)\. Falling back to default agent$/,
    'bad-invocation',
  ],
  /** The request may span lines. It was rejected: approvals are not printed. */
  [/^! +(?:subagent )?permission requested: /, 'agent-error'],
]
