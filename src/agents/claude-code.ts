import type { FailureClass } from '../core/failure.ts'
import type { AgentOutput, AgentRequest } from './agent.ts'
import { optionValue, variadicValues } from './argv.ts'
import { defineAgent, type Invocation } from './define-agent.ts'
import { classOf, type Pattern } from './failures.ts'
import { lastLine } from './output.ts'
import { type ResultRecord, readResultRecord } from './result-record.ts'
import { sumOf, usageOf } from './usage.ts'
import { verdictJsonSchema } from './verdict.ts'

/** Claude Code, measured with 2.1.329: docs/agents.md. */
export const claudeCode = defineAgent({
  id: 'claude-code',
  binaries: ['claude'],
  testedVersion: '2.1.329',
  signIn: {
    env: ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'],
    files: ['~/.claude/.credentials.json'],
  },
  reviewerIsReadOnly: true,
  reviewerRunsGit: true,
  invocation,
  read: output =>
    readResultRecord(output, {
      structured: record => record.structured_output,
      schemaIsAsked: true,
      usage: ({ usage, total_cost_usd }) =>
        usageOf(sumOf(usage, inputs), sumOf(usage, ['output_tokens']), total_cost_usd ?? null),
      classOf: classOfFields,
      errors: errorPatterns,
      stderr: stderrPatterns,
    }),
})

const inputs = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens']
const reviewCommands = ['Bash(git diff *)', 'Bash(git log *)', 'Bash(git show *)', 'Bash(git status *)']

/** `--tools` and `--allowedTools` swallow every argument up to the next flag. */
function invocation({ role, settings }: AgentRequest): Invocation {
  const ofRole =
    role === 'review'
      ? [
          ...['--output-format', 'json', '--permission-mode', 'dontAsk', '--tools', 'Read,Grep,Glob,Bash'],
          ...['--allowedTools', ...reviewCommands, '--json-schema', JSON.stringify(verdictJsonSchema)],
        ]
      : ['--output-format', 'stream-json', '--verbose', '--permission-mode', 'acceptEdits', '--allowedTools', 'Bash']
  const model = settings.model ? ['--model', settings.model] : []
  const args = ['-p', ...ofRole, '--strict-mcp-config', ...model, ...settings.args]
  const tools = optionValue(args, ['--tools'])
  return {
    args,
    /** Its own ten retries take 185 s before it admits that a key is wrong. */
    env: { CLAUDE_CODE_MAX_RETRIES: '3' },
    capabilities: {
      approvalMode: optionValue(args, ['--permission-mode']) ?? 'default',
      networkMode: tools === 'Read,Grep,Glob,Bash' ? 'no-network-tools' : 'unrestricted',
      toolRestrictions: tools && [tools, ...variadicValues(args, ['--allowedTools', '--allowed-tools'])].join(', '),
    },
  }
}

function classOfFields(result: ResultRecord, { stderr }: AgentOutput): FailureClass | null {
  if (result.terminal_reason?.startsWith('aborted')) return 'crashed'
  if (result.terminal_reason === 'prompt_too_long') return 'context-exceeded'
  if (result.subtype === 'error_max_turns' || result.subtype === 'error_max_budget_usd') return 'max-turns'
  if (result.subtype === 'error_max_structured_output_retries') return 'no-verdict'
  if (!result.is_error) return classOf(lastLine(stderr), stderrPatterns)
  if (result.stop_reason === 'refusal') return 'refused'
  return result.api_error === 'connection_failed' ? 'network' : null
}

const errorPatterns: readonly Pattern[] = [
  [/^claude (?:ai )?usage limit reached|^you[’']ve hit your (?:[\w-]+ ){0,3}limit\b/i, 'usage-limit'],
  [/^credit balance is too low/i, 'billing'],
  [/^(?:not logged in|invalid api key|oauth token|please run \/login)\b/i, 'auth'],
  [/^prompt is too long/i, 'context-exceeded'],
  [/^(?:api error: )?(?:request timed out|connection (?:error|refused|closed))/i, 'network'],
  [/^api error: claude code is unable to respond to this request/i, 'refused'],
]

/** What it says on stderr when it does not start at all. */
const stderrPatterns: readonly Pattern[] = [
  [/^error: (?:unknown option|option .* argument|too many arguments|unknown command)/i, 'bad-invocation'],
  [
    /^--?[\w-]+ cannot be used with root|^Error: (?:Input must be provided|When using --print|Invalid|--)/,
    'bad-invocation',
  ],
]
