import type { AgentOutput, AgentReport, AgentRequest } from './agent.ts'
import { optionValue, optionValues } from './argv.ts'
import { defineAgent, type Invocation } from './define-agent.ts'
import { classOfError, failed, type Pattern, withoutRecord } from './failures.ts'
import { isRecord, type JsonRecord, jsonRecords, lastOfType } from './output.ts'
import { sumOf, usageOf } from './usage.ts'
import { verdictJsonSchema } from './verdict.ts'

/** Codex, measured with 0.169.0: docs/agents.md. */
export const codex = defineAgent({
  id: 'codex',
  binaries: ['codex'],
  testedVersion: '0.169.0',
  signIn: { env: ['CODEX_API_KEY'], statusArgs: ['login', 'status'] },
  reviewerIsReadOnly: true,
  reviewerRunsGit: true,
  /** Its sandbox forbids writing outside the worktree, `.git` included. */
  reachesHost: false,
  invocation,
  read,
})

function invocation({ role, settings, filePrefix }: AgentRequest): Invocation {
  const schema = { path: `${filePrefix}.schema.json`, content: JSON.stringify(verdictJsonSchema) }
  const resultFile = `${filePrefix}.last.txt`
  const ofRole =
    role === 'review'
      ? ['-s', 'read-only', '--output-schema', schema.path]
      : ['-s', 'workspace-write', '-c', `${networkSetting}true`]
  const model = settings.model ? ['-m', settings.model] : []
  const args = ['exec', '--json', ...ofRole, '-o', resultFile, ...model, ...settings.args, '-']
  const sandbox = optionValue(args, ['-s', '--sandbox']) ?? 'read-only'
  const network = optionValues(args, ['-c', '--config']).findLast(pair => pair.startsWith(networkSetting))
  const open = sandbox === 'danger-full-access' || (sandbox !== 'read-only' && network === `${networkSetting}true`)
  return {
    args,
    files: role === 'review' ? [schema] : [],
    resultFile,
    /** `exec` asks nobody, whatever it is told. */
    capabilities: { approvalMode: 'never', sandboxMode: sandbox, networkMode: open ? 'unrestricted' : 'none' },
  }
}

const networkSetting = 'sandbox_workspace_write.network_access='

function read(output: AgentOutput): AgentReport {
  const records = jsonRecords(output.stdout)
  const end = records.findLast(record => record.type === 'turn.completed' || record.type === 'turn.failed')
  const text = output.resultFile ?? lastMessage(records)
  const { usage: tokens } = lastOfType(records, 'turn.completed') ?? {}
  /** `input_tokens` includes the cached ones, `output_tokens` the reasoning; dollars it does not tell. */
  const usage = usageOf(sumOf(tokens, ['input_tokens']), sumOf(tokens, ['output_tokens']), null)
  if (output.exitCode === 0 && end?.type === 'turn.completed') {
    const sessionId = lastOfType(records, 'thread.started')?.thread_id
    return { ok: true, text, structured: null, usage, sessionId: typeof sessionId === 'string' ? sessionId : null }
  }
  const words = errorMessage(records)
  if (words) {
    const status = statusWords.exec(words)?.[1]
    return failed(output, classOfError(status ? Number(status) : null, words, errorPatterns) ?? 'agent-error', words, {
      text,
      usage,
    })
  }
  /** 2 is its argument parser's. */
  return withoutRecord(output, { exitCodes: { 2: 'bad-invocation' }, stderr: stderrPatterns })
}

function lastMessage(records: readonly JsonRecord[]): string {
  const messages = records.map(record => record.item).filter(item => isRecord(item) && item.type === 'agent_message')
  const last = messages.at(-1)
  return isRecord(last) && typeof last.text === 'string' ? last.text : ''
}

/** The message of `turn.failed`, else of the last `error` event. An item of type `error` is a mere warning. */
function errorMessage(records: readonly JsonRecord[]): string | null {
  const failed = lastOfType(records, 'turn.failed')?.error
  const message = isRecord(failed) ? failed.message : lastOfType(records, 'error')?.message
  if (typeof message !== 'string') return null
  return /^Reconnecting\.\.\. \d+\/\d+ \((.*)\)$/s.exec(message)?.[1] ?? message.replace(/^Reconnecting\.\.\. /, '')
}

/** It gives no status of its own; the words hold one. */
const statusWords = /^(?:unexpected status|exceeded retry limit, last status:) (\d{3})\b/

const errorPatterns: readonly Pattern[] = [
  [/^You[’']ve hit your usage limit/, 'usage-limit'],
  [/^Quota exceeded\b/, 'billing'],
  [/^Missing environment variable\b/, 'auth'],
  [/^(?:Codex )?ran out of room in the model[’']s context window/, 'context-exceeded'],
  [/^(?:stream disconnected|network error|error sending request|waiting for network|idle timeout waiting)/i, 'network'],
  [/^The (?:model .{1,200} does not exist|.{1,200} model is not supported)\b/, 'bad-invocation'],
]

/** What it says on stderr when it does not start at all. */
const stderrPatterns: readonly Pattern[] = [
  [/^error: (?:unexpected argument|invalid value|the argument|a value is required|unrecognized)/, 'bad-invocation'],
  [/^No prompt provided via stdin/, 'bad-invocation'],
  [/^(?:Not inside a trusted directory|Failed to read output schema|Output schema file)/, 'bad-invocation'],
  [/^(?:Error: )?Missing environment variable\b/, 'auth'],
]
