import { isRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading, AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { initRecord } from '../reading/answerer.ts'
import { textOfContent } from '../reading/content.ts'
import type { Pattern } from '../reading/failures.ts'
import { jsonRecords } from '../reading/output.ts'
import { readResultRecord } from '../reading/result-record.ts'
import { sumOf, usageOf } from '../reading/usage.ts'

/**
 * Cursor's CLI. We never ran it, because no package registry has it; everything here is from documentation and reports.
 */
export const cursor = defineAgent({
  id: 'cursor',
  /** `agent` could be any program. */
  binaries: ['cursor-agent', 'agent'],
  promptVia: 'argument',
  testedVersion: null,
  signIn: { env: ['CURSOR_API_KEY'], files: ['~/.config/cursor/auth.json'] },
  /** Documentation says that plan mode edits nothing. What commands and hooks of the worktree can do is unknown. */
  reviewerIsReadOnly: false,
  takesModel: model => !model.includes('/'),
  /**
   * `--resume <session_id>` is documented, but neither its effect nor its usage report was ever observed, so it is not
   * used.
   */
  sessionIn: ({ session_id }) => session_id,
  /** A name for people, such as `Claude 4.5 Sonnet`. It states no version. */
  stating: records => ({ announced: initRecord(records)?.model }),
  options: use => [...optionsOf(use), ...use.settings.args],
  facts,
  invocation,
  read,
})

/** The prompt precedes the user's arguments, so that none of them takes it as its value. It starts with `#`. */
function invocation(request: AgentRequest): Invocation {
  return { args: [...optionsOf(request), request.prompt, ...request.settings.args] }
}

function optionsOf({ role, settings }: AgentUse): readonly string[] {
  const ofRole = role === 'review' ? ['--mode', 'plan'] : ['--force']
  return ['-p', '--output-format', 'stream-json', '--trust', ...ofRole, ...option('--model', settings.model)]
}

function facts(args: readonly string[]): Facts {
  const mode = optionValue(args, ['--mode'])
  return {
    approvalMode: args.some(arg => arg === '--force' || arg === '-f') ? 'force' : 'ask',
    sandboxMode: optionValue(args, ['--sandbox']) ?? 'by its configuration',
    toolRestrictions: mode && `${mode} mode`,
  }
}

function read(output: AgentOutput): AgentReading {
  const report = readResultRecord(output, {
    /** `inputTokens` seems to exclude cached tokens. */
    usage: ({ usage }) =>
      usageOf(
        sumOf(usage, ['inputTokens', 'cacheReadTokens', 'cacheWriteTokens']),
        sumOf(usage, ['outputTokens']),
        null,
      ),
    errors: stderrPatterns,
    stderr: stderrPatterns,
  })
  return { ...report, text: lastMessage(output) ?? report.text }
}

/**
 * `result` joins everything that was said; an `assistant` record is the text between two tool calls. null: stdout is
 * not a stream.
 */
function lastMessage({ stdout }: AgentOutput): string | null {
  const events = jsonRecords(stdout).filter(({ type }) => type === 'assistant' || type === 'tool_call')
  const atTheEnd = events.slice(events.findLastIndex(({ type }) => type === 'tool_call') + 1)
  const texts = atTheEnd.map(({ message }) => (isRecord(message) ? textOfContent(message.content) : ''))
  return events.length > 0 ? texts.join('') : null
}

const stderrPatterns: readonly Pattern[] = [
  [/^(?:Error: )?You[’']ve hit your usage limit/, 'usage-limit'],
  [/^(?:\w*Error: )?\[resource_exhausted\]/, 'rate-limit'],
  [/^(?:\w*Error: )?\[unavailable\]/, 'network'],
  [/^(?:\w*Error: )?(?:\[unauthenticated\]|Not authenticated|Not logged in|Authentication required)/, 'auth'],
  [/^(?:⚠ *)?Workspace Trust Required|^error: (?:unknown option|option )|^Cannot use this model/, 'bad-invocation'],
]
