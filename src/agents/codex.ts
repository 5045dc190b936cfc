import * as z from 'zod'
import type { FailureClass } from '../core/failure.ts'
import type { Usage } from '../core/work-package.ts'
import type { Agent, AgentCommand, AgentOutput, AgentReport, AgentRequest } from './agent.ts'
import { agentId } from './agent-id.ts'
import { dangerousFlagsIn, optionValue } from './dangerous-flags.ts'
import {
  classOf,
  failure,
  isRecord,
  type JsonRecord,
  jsonRecords,
  lastLine,
  lastOfType,
  type Pattern,
} from './output.ts'
import { resetTimeIn } from './reset-time.ts'
import { verdictJsonSchema } from './verdict.ts'

/** Codex, measured with 0.169.0: docs/agents.md. */
export const codex: Agent = {
  id: agentId('codex'),
  binaries: ['codex'],
  promptVia: 'stdin',
  roles: ['implementation', 'review'],
  reviewerIsReadOnly: true,
  /** Its sandbox forbids writing outside the worktree, `.git` included. */
  reachesHost: false,
  command,
  read,
}

function command({ role, settings, filePrefix }: AgentRequest): AgentCommand {
  const schemaFile = `${filePrefix}.schema.json`
  const finalMessageFile = `${filePrefix}.last.txt`
  const review = role === 'review'
  const args = [
    ...['exec', '--json', '-s', review ? 'read-only' : 'workspace-write'],
    ...(review ? ['--output-schema', schemaFile] : ['-c', 'sandbox_workspace_write.network_access=true']),
    ...['-o', finalMessageFile],
    ...(settings.model ? ['-m', settings.model] : []),
    ...settings.args,
    '-',
  ]
  return {
    args,
    env: settings.env,
    files: review ? [{ path: schemaFile, content: JSON.stringify(verdictJsonSchema) }] : [],
    finalMessageFile,
    capabilities: {
      approvalMode: 'never',
      sandboxMode: optionValue(args, ['-s', '--sandbox']) ?? 'read-only',
      networkMode: review ? 'none' : 'unrestricted',
      dangerousFlags: dangerousFlagsIn(args),
      toolRestrictions: null,
    },
  }
}

function read(output: AgentOutput): AgentReport {
  const records = jsonRecords(output.stdout)
  const end = records.findLast(record => record.type === 'turn.completed' || record.type === 'turn.failed')
  const text = output.finalMessage ?? lastMessage(records)
  const usage = usageOf(lastOfType(records, 'turn.completed'))
  if (output.exitCode === 0 && end?.type === 'turn.completed') {
    const sessionId = lastOfType(records, 'thread.started')?.thread_id
    return { ok: true, text, structured: null, usage, sessionId: typeof sessionId === 'string' ? sessionId : null }
  }
  return { ok: false, failure: failureOf(output, records), text, usage }
}

function lastMessage(records: readonly JsonRecord[]): string {
  const messages = records.map(record => record.item).filter(item => isRecord(item) && item.type === 'agent_message')
  const last = messages.at(-1)
  return isRecord(last) && typeof last.text === 'string' ? last.text : ''
}

function failureOf({ exitCode, stderr }: AgentOutput, records: readonly JsonRecord[]) {
  const words = errorMessage(records)
  if (words) {
    const failureClass = classOf(words, errorPatterns) ?? 'agent-error'
    return failure(failureClass, words, failureClass === 'usage-limit' ? resetTimeIn(words, new Date()) : null)
  }
  const ended = exitCode === null ? 'ended by a signal' : `exit ${exitCode}`
  if (exitCode === null || exitCode > 128) return failure('crashed', `${ended} without a closing event`)
  for (const line of stderr.split('\n')) {
    const failureClass = classOf(line, stderrPatterns)
    if (failureClass) return failure(failureClass, line)
  }
  /** 2 is its argument parser's. */
  const failureClass: FailureClass = exitCode === 2 ? 'bad-invocation' : 'agent-error'
  return failure(failureClass, `${ended} without a closing event; ${lastLine(stderr)}`)
}

/** The message of `turn.failed`, else of the last `error` event. An item of type `error` is a mere warning. */
function errorMessage(records: readonly JsonRecord[]): string | null {
  const failed = lastOfType(records, 'turn.failed')?.error
  const message = isRecord(failed) ? failed.message : lastOfType(records, 'error')?.message
  if (typeof message !== 'string') return null
  return /^Reconnecting\.\.\. \d+\/\d+ \((.*)\)$/s.exec(message)?.[1] ?? message.replace(/^Reconnecting\.\.\. /, '')
}

const errorPatterns: readonly Pattern[] = [
  [/^(?:unexpected status|exceeded retry limit, last status:) (?:401|403)\b/, 'auth'],
  [/^(?:unexpected status|exceeded retry limit, last status:) 402\b/, 'billing'],
  [/^(?:unexpected status|exceeded retry limit, last status:) 404\b/, 'bad-invocation'],
  [/^(?:unexpected status|exceeded retry limit, last status:) 429\b/, 'rate-limit'],
  [/^(?:unexpected status|exceeded retry limit, last status:) 5\d\d\b/, 'overloaded'],
  [/^You[’']ve hit your usage limit/, 'usage-limit'],
  [/^Quota exceeded\b/, 'billing'],
  [/^Missing environment variable\b/, 'auth'],
  [/^(?:Codex )?ran out of room in the model[’']s context window/, 'context-exceeded'],
  [/^(?:stream disconnected|network error|error sending request|waiting for network|idle timeout waiting)/i, 'network'],
  [/^The model .{1,200} does not exist\b/, 'bad-invocation'],
  [/^The .{1,200} model is not supported\b/, 'bad-invocation'],
]

/** What it says on stderr when it does not start at all. */
const stderrPatterns: readonly Pattern[] = [
  [/^error: (?:unexpected argument|invalid value|the argument|a value is required|unrecognized)/, 'bad-invocation'],
  [/^No prompt provided via stdin/, 'bad-invocation'],
  [/^(?:Not inside a trusted directory|Failed to read output schema|Output schema file)/, 'bad-invocation'],
  [/^(?:Error: )?Missing environment variable\b/, 'auth'],
]

const usageRecord = z.object({ usage: z.object({ input_tokens: z.number(), output_tokens: z.number() }) })

/** `input_tokens` includes the cached ones, `output_tokens` the reasoning; dollars it does not tell. */
function usageOf(record: JsonRecord | null): Usage | null {
  const parsed = usageRecord.safeParse(record)
  if (!parsed.success) return null
  return { inputTokens: parsed.data.usage.input_tokens, outputTokens: parsed.data.usage.output_tokens, costUsd: null }
}
