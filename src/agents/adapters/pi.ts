import { basename, dirname, join } from 'node:path'
import { isRecord, type JsonRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading, AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { textOfContent } from '../reading/content.ts'
import { failed, type Pattern, withoutRecord } from '../reading/failures.ts'
import { jsonRecords, lastOfType, textAt } from '../reading/output.ts'
import { sumOf, totalUsage, usageOf } from '../reading/usage.ts'
import { classOfPiError } from './pi-errors.ts'

/** Pi, measured with 1.5.2: docs/agents.md. */
export const pi = defineAgent({
  id: 'pi',
  binaries: ['pi'],
  testedVersion: '1.5.2',
  /** Its `auth.json` is there without anybody having signed in. */
  signIn: { env: ['ANTHROPIC_API_KEY', 'ANTHROPIC_OAUTH_TOKEN', 'OPENAI_API_KEY', 'GEMINI_API_KEY'] },
  reviewerIsReadOnly: true,
  resumes: true,
  options,
  facts,
  invocation,
  read,
})

const readingTools = 'read,grep,find,ls'
/** The last three: else extensions, MCP servers and instructions that are planted in the worktree act in the review. */
const reviewOptions = ['--tools', readingTools, '--no-mcp', '--no-approve', '--no-context-files']

/** It goes on with the session that a file holds, so the file's name is the session's; what is not there it begins. */
function invocation(request: AgentRequest): Invocation {
  const { filePrefix, resumeSession } = request
  const session = resumeSession ?? basename(filePrefix)
  const resultFile = `${join(dirname(filePrefix), session)}.session.jsonl`
  return { args: ['-p', '--mode', 'json', '--session', resultFile, ...options(request)], resultFile, session }
}

function options({ role, settings }: AgentUse): readonly string[] {
  const ofRole = role === 'review' ? reviewOptions : []
  return [...ofRole, ...option('--model', settings.model), ...settings.args]
}

function facts(args: readonly string[]): Facts {
  const toolRestrictions = optionValue(args, ['--tools', '-t'])
  const networkMode = toolRestrictions === readingTools ? 'no-network-tools' : 'unrestricted'
  return { approvalMode: 'never', networkMode, toolRestrictions }
}

/** In json mode it exits 0 on every API error; what its last answer says of itself counts. */
function read(output: AgentOutput): AgentReading {
  const events = jsonRecords(output.stdout)
  /** `agent_end` repeats the whole run, so the end of a long stdout holds no answer; its session file does. */
  const history = output.cut && output.resultFile ? jsonRecords(output.resultFile) : events
  /** The file of a session that went on holds earlier runs too; each has one prompt. */
  const prompt = history.findLastIndex(record => messageIn(record)?.role === 'user')
  const answers = history.slice(prompt + 1).flatMap(answerIn)
  const last = answers.at(-1)
  const settled = lastOfType(events, 'agent_settled')
  if (output.exitCode !== 0 || !last || !settled) return withoutRecord(output, { stderr: stderrPatterns })
  const kept = { text: textOfContent(last.content), usage: prompt < 0 ? null : totalUsage(answers.map(usageOfAnswer)) }
  const { stopReason, errorMessage } = last
  if (settled.aborted !== false) return failed(output, 'crashed', 'it was interrupted', kept)
  if (stopReason === 'stop' && kept.text) return { ok: true, ...kept, structured: null }
  /** Cut off for its length: it has summarized and tried again itself by then, so what helps is to begin anew. */
  if (stopReason === 'length') return failed(output, 'context-exceeded', 'its last answer was too long', kept)
  if (typeof errorMessage === 'string') return failed(output, classOfPiError(errorMessage), errorMessage, kept)
  return failed(
    output,
    'agent-error',
    `it said nothing; its last answer ended with ${textAt(last, 'stopReason')}`,
    kept,
  )
}

/** `message_end` on stdout, `message` in the session file. */
function messageIn({ type, message }: JsonRecord): JsonRecord | null {
  return (type === 'message_end' || type === 'message') && isRecord(message) ? message : null
}

function answerIn(record: JsonRecord): readonly JsonRecord[] {
  const message = messageIn(record)
  return message?.role === 'assistant' ? [message] : []
}

/** `input` is without what was read from the cache or written to it. */
function usageOfAnswer({ usage }: JsonRecord) {
  const cost = isRecord(usage) ? sumOf(usage.cost, ['total']) : null
  return usageOf(sumOf(usage, ['input', 'cacheRead', 'cacheWrite']), sumOf(usage, ['output']), cost)
}

/** What it says on stderr when it does not start at all. */
const stderrPatterns: readonly Pattern[] = [
  [/^No API key found for /, 'auth'],
  [/^Error: (?:Unknown option|Unknown provider|Model "|Invalid )/, 'bad-invocation'],
]
