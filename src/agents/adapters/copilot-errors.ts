import { isRecord, type JsonRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading } from '../../run/attempts/agent.ts'
import { classOf, classOfError, failed, type Pattern } from '../reading/failures.ts'
import { lastOfType, textAt } from '../reading/output.ts'

/** The failure in Copilot's last error record; null: there is none. */
export function failureIn(
  records: readonly JsonRecord[],
  output: AgentOutput,
  kept: Parameters<typeof failed>[3],
): AgentReading | null {
  const error = lastOfType(records, 'session.error')?.data
  if (!isRecord(error)) return null
  const words = (textAt(error, 'message') ?? '').replace(retries, '')
  const status = typeof error.statusCode === 'number' ? error.statusCode : null
  const byKind = classOf(`${textAt(error, 'errorType')} ${textAt(error, 'errorCode')}`, kindPatterns)
  const failureClass = byKind ?? classOfError(status, words, errorPatterns) ?? classOfLastCall(records)
  return failed(output, failureClass ?? 'agent-error', words, kept)
}

const retries = /^Failed to get response from the AI model; retried .{1,100}? Last error: /

/** The last call of the model, if it broke off without a later answer. */
function classOfLastCall(records: readonly JsonRecord[]) {
  const last = records.findLast(({ type }) => type === 'model.call_failure' || type === 'assistant.message')
  return textAt(last, 'data', 'failureKind') === 'transport' ? 'network' : null
}

/** Kind and code of the record, as named in the package's session-events.schema.json. */
const kindPatterns: readonly Pattern[] = [
  [/^(?:authentication|authorization|policy) /, 'auth'],
  [/^quota billing_not_configured$/, 'billing'],
  [/^quota |^rate_limit user_(?:weekly|global)_rate_limited$/, 'usage-limit'],
  [/^context_limit /, 'context-exceeded'],
]

/** Messages of the user's own provider. */
const errorPatterns: readonly Pattern[] = [
  [/^(?:429 )?You exceeded your current quota\b/, 'billing'],
  [/^Request exceeds the model's prompt budget\b/, 'context-exceeded'],
  [/^400 (?:This model(?:['’]s)? maximum context length|prompt is too long)\b/, 'context-exceeded'],
]

/** stderr when it does not start. */
export const stderrPatterns: readonly Pattern[] = [
  [/^Error: No authentication information found\b/, 'auth'],
  [/^Error: Authentication token found but could not be validated\b/, 'network'],
  [/^error: |^No prompt provided\b|^No such agent:/, 'bad-invocation'],
]
