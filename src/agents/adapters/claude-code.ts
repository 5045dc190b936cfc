import type { FailureClass } from '../../core/agent/failure.ts'
import type { Role } from '../../core/work-package/work-package.ts'
import type { AgentRequest } from '../../run/attempts/agent.ts'
import { verdictJsonSchema } from '../../run/steps/verdict.ts'
import { option, optionValue, variadicValues } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { initRecord, modelsOfAnswers, type Stating, tokensOfModels } from '../reading/answerer.ts'
import type { Pattern } from '../reading/failures.ts'
import { lastOfType } from '../reading/output.ts'
import { type ResultRecord, readResultRecord } from '../reading/result-record.ts'
import { sumOf, usageOf } from '../reading/usage.ts'

/** Claude Code, measured with 2.1.329: docs/agents.md. */
export const claudeCode = defineAgent({
  id: 'claude-code',
  binaries: ['claude'],
  testedVersion: '2.1.329',
  /** It also detects variables that hold a key. */
  signIn: { statusArgs: ['auth', 'status'] },
  reviewerIsReadOnly: true,
  reviewerRunsGit: true,
  resumes: true,
  takesModel: model => /^(?:claude-|(?:sonnet|opus|haiku)\b)/.test(model),
  sessionless: ['--no-session-persistence'],
  /** Dollars cover the whole session, even when others ran in between; tokens cover only this run. */
  cumulativeUsage: ['costUsd'],
  sessionIn: ({ session_id }) => session_id,
  stating,
  options: ({ role, settings }) => [...optionsOf(role), ...option('--model', settings.model), ...settings.args],
  facts,
  invocation,
  read: output =>
    readResultRecord(output, {
      structured: record => record.structured_output,
      usage: ({ usage, total_cost_usd }) =>
        usageOf(sumOf(usage, inputs), sumOf(usage, ['output_tokens']), total_cost_usd ?? null),
      classOf: classOfFields,
      errors: errorPatterns,
      stderr: [[notStarted, 'bad-invocation']],
    }),
})

const inputs = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens']

/**
 * In `dontAsk`, its Bash runs only commands that it considers read-only: `git diff`, but not `git diff --output=f`. A
 * rule allows more.
 */
const reviewTools = 'Read,Grep,Glob,Bash'
/**
 * Rules, hooks, variables and CLAUDE.md of the worktree come from the implementer. Those of the user are needed for the
 * login.
 */
const look = `--output-format json --permission-mode dontAsk --tools ${reviewTools} --setting-sources user`.split(' ')
const working = '--output-format stream-json --verbose --permission-mode acceptEdits --allowedTools Bash'.split(' ')

function invocation({ role, settings, resumeSession }: AgentRequest): Invocation {
  const session = option('--resume', resumeSession)
  const model = option('--model', settings.model)
  const args = ['-p', ...optionsOf(role), '--strict-mcp-config', ...session, ...model, ...settings.args]
  return {
    args,
    /** By default it retries ten times, 185 s, before it reports a wrong key. */
    env: { CLAUDE_CODE_MAX_RETRIES: '3' },
  }
}

/** With `--output-format json` only `modelUsage` names a model. In a resumed session it may contain earlier attempts. */
function stating(...[records]: Parameters<Stating>): ReturnType<Stating> {
  const init = initRecord(records)
  return {
    tokens: tokensOfModels(lastOfType(records, 'result')?.modelUsage, model => sumOf(model, ['outputTokens'])),
    answers: modelsOfAnswers(records),
    announced: init?.model,
    version: init?.claude_code_version,
  }
}

function optionsOf(role: Role): readonly string[] {
  return role === 'review' ? [...look, '--json-schema', verdictJsonSchema()] : working
}

function facts(args: readonly string[]): Facts {
  const approvalMode = optionValue(args, ['--permission-mode']) ?? 'default'
  const tools = variadicValues(args, ['--tools']).join(', ') || null
  const rules = variadicValues(args, ['--allowedTools', '--allowed-tools'])
  const onlyReads = approvalMode === 'dontAsk' && tools === reviewTools && rules.length === 0
  return {
    approvalMode,
    networkMode: onlyReads ? 'no-network-tools' : 'unrestricted',
    toolRestrictions: tools && [tools, ...rules].join(', '),
  }
}

function classOfFields(result: ResultRecord): FailureClass | null {
  if (result.terminal_reason?.startsWith('aborted')) return 'crashed'
  if (result.terminal_reason === 'prompt_too_long') return 'context-exceeded'
  if (result.subtype === 'error_max_turns' || result.subtype === 'error_max_budget_usd') return 'max-turns'
  if (result.subtype === 'error_max_structured_output_retries') return 'no-verdict'
  if (result.is_error && result.stop_reason === 'refusal') return 'refused'
  return result.api_error === 'connection_failed' ? 'network' : null
}

const errorPatterns: readonly Pattern[] = [
  [/^claude (?:ai )?usage limit reached|^you[’']ve hit your (?:[\w-]+ ){0,3}limit\b/i, 'usage-limit'],
  [/^credit balance is too low/i, 'billing'],
  [/^(?:not logged in|invalid api key|oauth token|please run \/login)\b/i, 'auth'],
  [/^prompt is too long/i, 'context-exceeded'],
  [/^(?:api error: )?(?:request timed out|connection (?:error|refused|closed)|unable to connect)/i, 'network'],
  [/^api error: claude code is unable to respond to this request/i, 'refused'],
]

/** stderr when it does not start. */
const notStarted =
  /^--?[\w-]+ cannot be used with root|^error: (?:unknown|option .* argument|too many arg|input must|when using|invalid|--)/i
