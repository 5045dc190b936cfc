import { basename, dirname, join } from 'node:path'
import { isRecord, type JsonRecord } from '../../core/json.ts'
import type { AgentOutput, AgentReading, AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import type { Stating } from '../reading/answerer.ts'
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
  /** Its `auth.json` exists even without a sign-in. */
  signIn: { env: ['ANTHROPIC_API_KEY', 'ANTHROPIC_OAUTH_TOKEN', 'OPENAI_API_KEY', 'GEMINI_API_KEY'] },
  reviewerIsReadOnly: true,
  resumes: true,
  takesModel: () => true,
  stating,
  options,
  facts,
  invocation,
  read,
})

const readingTools = 'read,grep,find,ls'
/** The last three keep extensions, MCP servers and instructions in the worktree from acting in the review. */
const reviewOptions = ['--tools', readingTools, '--no-mcp', '--no-approve', '--no-context-files']

/**
 * Resumes the session stored in a file, or starts one if the file is missing. So the file name identifies the session.
 */
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

/** It states no version. Where a router chose the model, its answer names it as `responseModel`. */
function stating(...[records, resultFile]: Parameters<Stating>): ReturnType<Stating> {
  const inStream = records.flatMap(answerIn)
  const answers =
    inStream.length > 0
      ? inStream
      : jsonRecords(resultFile ?? '')
          .flatMap(answerIn)
          .slice(-1)
  return { answers: answers.map(({ model, responseModel }) => responseModel ?? model) }
}

/** In json mode it exits with 0 on every API error; its last answer states the result. */
function read(output: AgentOutput): AgentReading {
  const events = jsonRecords(output.stdout)
  /** `agent_end` repeats the whole run, so the end of a long stdout contains no answer; the session file does. */
  const history = output.cut && output.resultFile ? jsonRecords(output.resultFile) : events
  /** The file of a resumed session also contains earlier runs, each with one prompt. */
  const prompt = history.findLastIndex(record => messageIn(record)?.role === 'user')
  const answers = history.slice(prompt + 1).flatMap(answerIn)
  const last = answers.at(-1)
  const settled = lastOfType(events, 'agent_settled')
  if (output.exitCode !== 0 || !last || !settled) return withoutRecord(output, { stderr: stderrPatterns })
  const kept = { text: textOfContent(last.content), usage: prompt < 0 ? null : totalUsage(answers.map(usageOfAnswer)) }
  const { stopReason, errorMessage } = last
  if (settled.aborted !== false) return failed(output, 'crashed', 'it was interrupted', kept)
  if (stopReason === 'stop' && kept.text) return { ok: true, ...kept, structured: null }
  /** Cut off for its length. By then it has already summarised and retried, so only a new session helps. */
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

/** `input` excludes tokens read from the cache or written to it. */
function usageOfAnswer({ usage }: JsonRecord) {
  const cost = isRecord(usage) ? sumOf(usage.cost, ['total']) : null
  return usageOf(sumOf(usage, ['input', 'cacheRead', 'cacheWrite']), sumOf(usage, ['output']), cost)
}

/** stderr when it does not start. */
const stderrPatterns: readonly Pattern[] = [
  [/^No API key found for /, 'auth'],
  [/^Error: (?:Unknown option|Unknown provider|Model "|Invalid )/, 'bad-invocation'],
]
