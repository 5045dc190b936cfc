import type { FailureClass } from '../../core/agent/failure.ts'
import { type JsonRecord, parseJson } from '../../core/json.ts'
import { classOf, type Pattern } from '../reading/failures.ts'
import { textAt } from '../reading/output.ts'
import { classOfPiError } from './pi-errors.ts'

/** Reads a record of type `error`; the last one has the error of the model's API as JSON in its message. */
export function lettaError(record: JsonRecord): { words: string; failureClass: FailureClass } {
  const given = textAt(record, 'message') ?? ''
  const words = textAt(parseJson(given), 'error', 'error', 'message') ?? given
  return {
    words,
    failureClass: classOf(`${textAt(record, 'stop_reason')}: ${words}`, patterns) ?? classOfPiError(words),
  }
}

/** Matched against its stop reason and message. */
const patterns: readonly Pattern[] = [
  [/^max_steps: /, 'max-turns'],
  [/^(?:context_window_overflow_in_system_prompt|max_tokens_exceeded): /, 'context-exceeded'],
  [/^cancelled: /, 'crashed'],
  [/^\w+: Provider is not configured\b/, 'auth'],
  /** Also its message when the server that lists the models cannot be reached. */
  [/^\w+: Unknown model "/, 'bad-invocation'],
]

/** stderr when it does not start. `Setup failed`: it wanted to ask for a sign-in. */
export const stderrPatterns: readonly Pattern[] = [
  [/^(?:Missing LETTA_API_KEY|Setup failed: |Details: 401\b)/, 'auth'],
  [/^Details: Connection error/, 'network'],
  [/^(?:Error: (?:Unknown option|Invalid |--|No prompt)|Invalid permission mode)/, 'bad-invocation'],
]
