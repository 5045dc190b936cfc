import type { JsonRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading, AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { initRecord } from '../reading/answerer.ts'
import { textOfContent } from '../reading/content.ts'
import { failed, withoutRecord } from '../reading/failures.ts'
import { jsonRecords, lastOfType, textAt } from '../reading/output.ts'
import { sumOf, usageOf } from '../reading/usage.ts'
import { lettaError, stderrPatterns } from './letta-errors.ts'

/** Letta Code, measured with 0.32.18 and its local backend: docs/agents.md. */
export const letta = defineAgent({
  id: 'letta',
  binaries: ['letta'],
  testedVersion: '0.32.18',
  signIn: { env: ['LETTA_API_KEY'], files: ['~/.letta/lc-local-backend/providers/auth.json'] },
  reviewerIsReadOnly: true,
  takesModel: model => model.includes('/'),
  /** It states no version. */
  stating: records => ({ announced: initRecord(records)?.model }),
  options,
  facts,
  invocation,
  read,
})

const readingTools = 'Read,Glob,Grep'

/**
 * Without `--ephemeral` it stores its session in the worktree (`.letta/settings.local.json`), where it would be
 * committed, and resumes it next time. An ephemeral session ends with the process and cannot be resumed.
 */
function options({ role, settings }: AgentUse): readonly string[] {
  const ofRole = role === 'review' ? ['--tools', readingTools, '--no-skills'] : []
  const always = ['-p', '--ephemeral', '--output-format', 'stream-json']
  return [...always, ...ofRole, ...option('-m', settings.model), ...settings.args]
}

function invocation(request: AgentRequest): Invocation {
  return {
    args: options(request),
    /**
     * It runs hooks from the worktree's `.letta/settings.json` without asking. It tries other shells only if this one
     * is missing.
     */
    ...(request.role === 'review' ? { guardEnv: { SHELL: '/dev/null' } } : {}),
  }
}

function facts(args: readonly string[]): Facts {
  const toolRestrictions = optionValue(args, ['--tools'])
  const networkMode = toolRestrictions === readingTools ? 'no-network-tools' : 'unrestricted'
  const approvalMode = optionValue(args, ['--permission-mode']) ?? 'unrestricted'
  return { approvalMode, networkMode, toolRestrictions }
}

function read(output: AgentOutput): AgentReading {
  const records = jsonRecords(output.stdout)
  const { result, ...end } = lastOfType(records, 'result') ?? {}
  const error = lastOfType(records, 'error')
  const text = lastMessage(records) ?? (typeof result === 'string' && output.role !== 'review' ? result : '')
  const total = sumOf(end.usage, ['total_tokens'])
  const answered = sumOf(end.usage, ['completion_tokens'])
  /** Its local backend's `prompt_tokens` excludes cached tokens. */
  const usage = usageOf(total === null ? null : total - (answered ?? 0), answered, null)
  if (output.exitCode === 0 && end.subtype === 'success' && end.is_error !== true) {
    if (text === '') return failed(output, 'agent-error', 'it ended without a final message', { usage })
    return { ok: true, text, structured: null, usage }
  }
  /** It exits with 1 on every failure. With another code, an error record is from an earlier try. */
  if (output.exitCode !== 1 || !error) return withoutRecord(output, { stderr: stderrPatterns })
  const { words, failureClass } = lettaError(error)
  return failed(output, failureClass, words, { text })
}

/** `result` falls back to a tool's output. null: the output is not a stream. */
function lastMessage(records: readonly JsonRecord[]): string | null {
  const messages = records.filter(({ type }) => type === 'message')
  const lastTool = messages.findLastIndex(message => /^(?:tool|approval)_/.test(textAt(message, 'message_type') ?? ''))
  const chunks = messages.slice(lastTool + 1).filter(({ message_type }) => message_type === 'assistant_message')
  const ofLast = chunks.filter(({ id }) => id === chunks.at(-1)?.id)
  return messages.length > 0 ? ofLast.map(({ content }) => textOfContent(content)).join('') : null
}
