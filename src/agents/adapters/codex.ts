import type { JsonRecord } from '../../core/json.ts'
import type { Role } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading, AgentRequest } from '../../run/attempts/agent.ts'
import { verdictJsonSchema } from '../../run/steps/verdict.ts'
import { option, optionValue, optionValues, withUserArgs } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { classOfError, failed, type Pattern, withoutRecord } from '../reading/failures.ts'
import { jsonRecords, lastOfType, textAt } from '../reading/output.ts'
import { sumOf, usageOf } from '../reading/usage.ts'

/** Codex, measured with 0.169.0: docs/agents.md. */
export const codex = defineAgent({
  id: 'codex',
  binaries: ['codex'],
  testedVersion: '0.169.0',
  signIn: { env: ['CODEX_API_KEY'], statusArgs: ['login', 'status'] },
  reviewerIsReadOnly: true,
  reviewerRunsGit: true,
  /** Its sandbox forbids writing outside the worktree, including `.git`. */
  reachesHost: false,
  resumes: true,
  takesModel: model => /^(?:gpt-|codex-|o\d)/.test(model),
  sessionless: ['--ephemeral'],
  cumulativeUsage: ['inputTokens', 'outputTokens'],
  sessionIn: ({ thread_id }) => thread_id,
  /** It names a model only when the service uses another one than asked. It states no version. */
  stating: records => ({ answers: records.map(reroutedTo) }),
  options: ({ role, settings }) =>
    withUserArgs([...sandboxOf(role), ...option('-m', settings.model)], settings.args, onlyOnce),
  facts,
  invocation,
  read,
})

const networkSetting = 'sandbox_workspace_write.network_access='
const onlyOnce = ['-s', '--sandbox']
const noSkills = 'skills.include_instructions=false'

function invocation({ role, settings, filePrefix, worktree, resumeSession }: AgentRequest): Invocation {
  const schema = { path: `${filePrefix}.schema.json`, content: verdictJsonSchema() }
  const resultFile = `${filePrefix}.last.txt`
  /**
   * In a trusted worktree, its files can allow commands outside the sandbox and start servers. A linked worktree
   * inherits trust.
   */
  const untrusted = `projects={${JSON.stringify(worktree)}={trust_level="untrusted"}}`
  const ofRole =
    role === 'review' ? ['--ignore-rules', '-c', untrusted, '-c', noSkills, '--output-schema', schema.path] : []
  const ours = ['exec', '--json', ...sandboxOf(role), ...ofRole, '-o', resultFile, ...option('-m', settings.model)]
  /** All options precede `resume`, which has no `-s` of its own but respects these. Without them it is read-only. */
  const session = option('resume', resumeSession)
  const args = [...withUserArgs(ours, settings.args, onlyOnce), ...session, '-']
  return { args, files: role === 'review' ? [schema] : [], resultFile }
}

function sandboxOf(role: Role): readonly string[] {
  return role === 'review' ? ['-s', 'read-only'] : ['-s', 'workspace-write', '-c', `${networkSetting}true`]
}

function facts(args: readonly string[]): Facts {
  const sandboxMode = optionValue(args, onlyOnce) ?? 'read-only'
  const network = optionValues(args, ['-c', '--config']).findLast(pair => pair.startsWith(networkSetting))
  const isOpen = sandboxMode === 'workspace-write' ? network === `${networkSetting}true` : sandboxMode !== 'read-only'
  /** `exec` never asks for approval, whatever the options. */
  return { approvalMode: 'never', sandboxMode, networkMode: isOpen ? 'unrestricted' : 'none' }
}

function read(output: AgentOutput): AgentReading {
  const records = jsonRecords(output.stdout)
  const end = records.findLast(record => record.type === 'turn.completed' || record.type === 'turn.failed')
  const items = records.map(record => textAt(record, 'item', 'type') ?? '')
  const lastTool = items.findLastIndex(type => /_(?:execution|change|call|search)$/.test(type))
  const lastMessage = records.findLast((_, index) => index > lastTool && items[index] === 'agent_message')
  const text = output.resultFile ?? textAt(lastMessage, 'item', 'text') ?? ''
  /** `input_tokens` includes cached tokens, `output_tokens` includes reasoning. It reports no dollars. */
  const usage = usageOf(sumOf(end?.usage, ['input_tokens']), sumOf(end?.usage, ['output_tokens']), null)
  if (output.exitCode === 0 && end?.type === 'turn.completed') return { ok: true, text, structured: null, usage }
  // An item of type `error` is only a warning.
  const message = textAt(end, 'error', 'message') ?? textAt(lastOfType(records, 'error'), 'message')
  // Once it is working, stderr quotes the tools: `ERROR codex_core::tools::router: error=…` over many lines.
  if (!message) return withoutRecord(output, { exitCodes: { 2: 'bad-invocation' }, stderr: records[0] ? [] : patterns })
  const words = message.replace(/^Reconnecting\.\.\. (?:\d+\/\d+ \((.*)\)$)?/s, '$1')
  const status = Number(statusWords.exec(words)?.[1]) || null
  return failed(output, classOfError(status, words, patterns) ?? 'agent-error', words, { text, usage })
}

/** A warning that is printed as an item of type `error`. */
function reroutedTo(record: JsonRecord): string | undefined {
  const isWarning = textAt(record, 'item', 'type') === 'error'
  return isWarning ? /^model rerouted: \S+ -> (\S+)/.exec(textAt(record, 'item', 'message') ?? '')?.[1] : undefined
}

/** It reports no status field; the message contains one. */
const statusWords = /^(?:unexpected status|exceeded retry limit, last status:) (\d{3})\b/

/** Matched against its error record, or stderr when it does not start. */
const patterns: readonly Pattern[] = [
  [/^You[’']ve hit your usage limit/, 'usage-limit'],
  [/^Quota exceeded\b|^To use Codex with your ChatGPT plan\b/, 'billing'],
  [/^(?:Error: )?Missing environment variable\b|^Your access token could not be refreshed\b/, 'auth'],
  [/^(?:Codex )?ran out of room in the model[’']s context window/, 'context-exceeded'],
  [/^We[’']re currently experiencing high demand|^Selected model is at capacity/, 'overloaded'],
  [/^(?:stream disconnected|network error|error sending request|waiting for network|idle timeout waiting)/i, 'network'],
  [/^The (?:model .{1,200} does not exist|.{1,200} model is not supported)\b/, 'bad-invocation'],
  [/^(?:No prompt provided via stdin|Not inside a trusted|(?:Failed to read o|O)utput schema)/, 'bad-invocation'],
]
