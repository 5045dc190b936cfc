import type { FailureClass } from '../../core/agent/failure.ts'
import { classOfError, type Pattern } from '../reading/failures.ts'

/**
 * The class of an error in the format of pi's model library, `401: {"message":…}`, which Letta's local backend also
 * uses.
 */
export function classOfPiError(words: string): FailureClass {
  const status = statusWords.exec(words)?.[1]
  return classOfError(status ? Number(status) : null, words, patterns) ?? 'agent-error'
}

const statusWords = /^(?:[\w -]{1,60} API error \()?(\d{3})\b/

const patterns: readonly Pattern[] = [
  [/^(?:\d{3}: )?(?:You have hit your ChatGPT usage limit|Monthly usage limit reached)/, 'usage-limit'],
  [/^\d{3}: \{.*"(?:code|type)":"insufficient_quota"/s, 'billing'],
  [/^\d{3}: \{.*"code":"context_length_exceeded"/s, 'context-exceeded'],
  [/^(?:Connection error|Request timed out|fetch failed|terminated|socket hang up)\b/, 'network'],
  [/^(?:Provider finish_reason: network_error|.{0,60} stream ended without a stop reason)/, 'network'],
  [/^(?:Provider finish_reason: content_filter|The model refused to complete the request)/, 'refused'],
]
