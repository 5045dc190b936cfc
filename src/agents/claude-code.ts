import * as z from 'zod'
import type { FailureClass } from '../core/failure.ts'
import type { Role, Usage } from '../core/work-package.ts'
import type { Agent, AgentCommand, AgentOutput, AgentReport, AgentRequest } from './agent.ts'
import { agentId } from './agent-id.ts'
import { dangerousFlagsIn, optionValue } from './dangerous-flags.ts'
import { classOf, failure, jsonRecords, lastLine, lastOfType, type Pattern } from './output.ts'
import { resetTimeIn } from './reset-time.ts'
import { verdictJsonSchema } from './verdict.ts'

/** Claude Code, measured with 2.1.329: docs/agents.md. */
export const claudeCode: Agent = {
  id: agentId('claude-code'),
  binaries: ['claude'],
  promptVia: 'stdin',
  roles: ['implementation', 'review'],
  reviewerIsReadOnly: true,
  reachesHost: true,
  command,
  read,
}

const reviewTools = 'Read,Grep,Glob,Bash'
const reviewCommands = ['Bash(git diff *)', 'Bash(git log *)', 'Bash(git show *)', 'Bash(git status *)']

/** `--tools` and `--allowedTools` swallow every argument up to the next flag. */
const argsOf: Readonly<Record<Role, readonly string[]>> = {
  implementation: [
    ...['-p', '--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits'],
    ...['--allowedTools', 'Bash', '--strict-mcp-config'],
  ],
  review: [
    ...['-p', '--output-format', 'json', '--permission-mode', 'dontAsk', '--tools', reviewTools],
    ...['--allowedTools', ...reviewCommands, '--strict-mcp-config', '--json-schema', JSON.stringify(verdictJsonSchema)],
  ],
}

function command({ role, settings }: AgentRequest): AgentCommand {
  const args = [...argsOf[role], ...(settings.model ? ['--model', settings.model] : []), ...settings.args]
  return {
    args,
    /** Its own ten retries take 185 s before it admits that a key is wrong. */
    env: { CLAUDE_CODE_MAX_RETRIES: '3', ...settings.env },
    files: [],
    capabilities: {
      approvalMode: optionValue(args, ['--permission-mode']) ?? 'default',
      sandboxMode: 'none',
      networkMode: role === 'review' ? 'no-network-tools' : 'unrestricted',
      dangerousFlags: dangerousFlagsIn(args),
      toolRestrictions: role === 'review' ? ['Read', 'Grep', 'Glob', ...reviewCommands].join(', ') : null,
    },
  }
}

const tokens = z.number().nullish().catch(null)

const resultRecord = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().nullish().catch(null),
  structured_output: z.unknown().optional(),
  errors: z.array(z.string()).nullish().catch(null),
  api_error_status: z.number().nullish().catch(null),
  api_error: z.string().nullish().catch(null),
  terminal_reason: z.string().nullish().catch(null),
  stop_reason: z.string().nullish().catch(null),
  session_id: z.string().nullish().catch(null),
  total_cost_usd: tokens,
  usage: z
    .object({
      input_tokens: tokens,
      cache_creation_input_tokens: tokens,
      cache_read_input_tokens: tokens,
      output_tokens: tokens,
    })
    .nullish()
    .catch(null),
})

type Result = z.infer<typeof resultRecord>

function read(output: AgentOutput): AgentReport {
  const record = lastOfType(jsonRecords(output.stdout), 'result')
  if (!record) return withoutRecord(output)
  const parsed = resultRecord.safeParse(record)
  if (!parsed.success) {
    return {
      ok: false,
      failure: failure('agent-error', 'its result record has an unknown shape'),
      text: '',
      usage: null,
    }
  }
  const result = parsed.data
  const text = result.result ?? ''
  const usage = usageOf(result)
  if (output.exitCode !== 0 || result.is_error || result.subtype !== 'success') {
    const failureClass = classOfResult(result, output)
    const words = text || result.errors?.join('; ') || result.api_error || lastLine(output.stderr) || result.subtype
    const resetAt = failureClass === 'usage-limit' ? resetTimeIn(words, new Date()) : null
    return { ok: false, failure: failure(failureClass, words, resetAt), text, usage }
  }
  const structured = result.structured_output ?? null
  /** Measured: a model that ignores the schema ends in exit 0 and success; only the key is missing. */
  if (output.role === 'review' && structured === null) {
    const words = `no structured verdict; it said: ${text || 'nothing'}`
    return { ok: false, failure: failure('no-verdict', words), text, usage }
  }
  return { ok: true, text, structured, usage, sessionId: result.session_id ?? null }
}

function classOfResult(result: Result, output: AgentOutput): FailureClass {
  const words = result.result ?? ''
  const killed = output.exitCode === null || output.exitCode > 128
  if (killed || result.terminal_reason?.startsWith('aborted')) return 'crashed'
  if (result.terminal_reason === 'prompt_too_long') return 'context-exceeded'
  if (result.subtype === 'error_max_turns' || result.subtype === 'error_max_budget_usd') return 'max-turns'
  if (result.subtype === 'error_max_structured_output_retries') return 'no-verdict'
  if (!result.is_error) return classOf(lastLine(output.stderr), stderrPatterns) ?? 'agent-error'
  if (result.stop_reason === 'refusal') return 'refused'
  if (result.api_error === 'connection_failed') return 'network'
  const byWords = classOf(words, errorPatterns)
  return byWords ?? classOfStatus(result.api_error_status ?? null) ?? 'agent-error'
}

function classOfStatus(status: number | null): FailureClass | null {
  if (status === null) return null
  if (status === 401 || status === 403) return 'auth'
  if (status === 402) return 'billing'
  if (status === 404) return 'bad-invocation'
  if (status === 413) return 'context-exceeded'
  if (status === 429) return 'rate-limit'
  if (status === 529 || status === 503) return 'overloaded'
  return status === 408 || status >= 500 ? 'network' : null
}

/** Of a result record with `is_error`. The limit messages come with status 429 or none, so they go before the status. */
const errorPatterns: readonly Pattern[] = [
  [/^claude (?:ai )?usage limit reached/i, 'usage-limit'],
  [/^you[’']ve hit your (?:[\w-]+ ){0,3}limit\b/i, 'usage-limit'],
  [/^credit balance is too low/i, 'billing'],
  [/^(?:not logged in|invalid api key|oauth token|please run \/login)\b/i, 'auth'],
  [/^prompt is too long/i, 'context-exceeded'],
  [/^(?:api error: )?(?:request timed out|connection (?:error|refused|closed))/i, 'network'],
  [/^api error: claude code is unable to respond to this request/i, 'refused'],
]

function withoutRecord({ exitCode, stderr, stdout }: AgentOutput): AgentReport {
  const words = lastLine(stderr)
  const fail = (failureClass: FailureClass, detail: string): AgentReport => ({
    ok: false,
    failure: failure(failureClass, detail),
    text: '',
    usage: null,
  })
  const ended = exitCode === null ? 'ended by a signal' : `exit ${exitCode}`
  if (exitCode === null || exitCode > 128) return fail('crashed', `${ended} without a result record`)
  const known = stderr.split('\n').flatMap(line => {
    const found = classOf(line, stderrPatterns)
    return found ? [{ found, line }] : []
  })[0]
  if (exitCode !== 0 && known) return fail(known.found, known.line)
  return fail('agent-error', words || lastLine(stdout) || `${ended} without a result record`)
}

/** What it says on stderr when it does not start at all. */
const stderrPatterns: readonly Pattern[] = [
  [/^error: (?:unknown option|option .* argument|too many arguments|unknown command)/i, 'bad-invocation'],
  [/^--?[\w-]+ cannot be used with root/, 'bad-invocation'],
  [/^Error: (?:Input must be provided|When using --print|Invalid|--)/, 'bad-invocation'],
]

function usageOf({ usage, total_cost_usd }: Result): Usage | null {
  if (!usage && typeof total_cost_usd !== 'number') return null
  const input = [usage?.input_tokens, usage?.cache_creation_input_tokens, usage?.cache_read_input_tokens]
  const known = input.filter(count => typeof count === 'number')
  return {
    inputTokens: known.length > 0 ? known.reduce((sum, count) => sum + count, 0) : null,
    outputTokens: usage?.output_tokens ?? null,
    costUsd: total_cost_usd ?? null,
  }
}
