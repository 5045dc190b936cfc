import { isRecord } from '../../core/json.ts'
import type { Role } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading, AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { option, optionValue, optionValues, withUserArgs } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { type Stating, tokensOfModels } from '../reading/answerer.ts'
import { classOf, classOfError, type EndSigns, failed, type Pattern, withoutRecord } from '../reading/failures.ts'
import { jsonRecords, lastOfType, textAt } from '../reading/output.ts'
import { sumOf, usageOf } from '../reading/usage.ts'

/** Gemini CLI, measured with 0.61.0: docs/agents.md. */
export const gemini = defineAgent({
  id: 'gemini',
  binaries: ['gemini'],
  testedVersion: '0.61.0',
  signIn: { env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'], files: ['~/.gemini/oauth_creds.json'] },
  reviewerIsReadOnly: true,
  takesModel: model => model.startsWith('gemini-'),
  /**
   * A resumed session sends tool results twice (google-gemini/gemini-cli#29365), which Google's API refuses, so it is
   * not used.
   */
  sessionIn: ({ session_id }) => session_id,
  stating,
  options: ({ role, settings }) =>
    withUserArgs([...approvalOf(role), ...option('-m', settings.model)], settings.args, onlyOnce),
  facts,
  invocation,
  read,
})

/** Without a policy, the model can leave plan mode without asking, for a mode in which everything is allowed. */
const readingTools = ['list_directory', 'read_file', 'grep_search', 'glob']
const onlyOnce = ['--approval-mode']
const allowed = `{ toolName = ${JSON.stringify(readingTools)}, decision = "allow", priority = 999 }`
const policy = `rule = [{ toolName = "*", decision = "deny", priority = 998 }, ${allowed}]\n`

function invocation({ role, settings, filePrefix }: AgentRequest): Invocation {
  const path = `${filePrefix}.review-policy.toml`
  const isReview = role === 'review'
  /**
   * An administrator's policy has the highest priority, but is ignored on a machine that has its own. There ours counts
   * as the user's.
   */
  const ofRole = isReview ? ['--policy', path, '--admin-policy', path] : []
  const ours = [...approvalOf(role), ...ofRole, '-o', 'stream-json', ...option('-m', settings.model)]
  const args = withUserArgs(ours, settings.args, onlyOnce)
  /** One process instead of two, of which the first ignores SIGTERM. */
  const env = { GEMINI_CLI_NO_RELAUNCH: 'true' }
  /**
   * It loads the worktree's settings and hooks before it reads `--skip-trust`; this variable makes it untrusted until
   * then.
   */
  const guardEnv = isReview ? { ...env, GEMINI_CLI_TRUST_WORKSPACE: 'false' } : {}
  return { args, env, guardEnv, files: isReview ? [{ path, content: policy }] : [] }
}

function approvalOf(role: Role): readonly string[] {
  return ['--skip-trust', '--approval-mode', role === 'review' ? 'plan' : 'yolo']
}

function facts(args: readonly string[], { role, settings }: AgentUse): Facts {
  const isClosed = role === 'review' && optionValues(settings.args, ['--admin-policy']).length === 0
  return {
    approvalMode: optionValue(args, ['--approval-mode']) ?? 'default',
    sandboxMode: args.some(arg => /^(?:-s|--sandbox)(?:=true)?$/.test(arg)) ? 'sandbox' : 'none',
    ...(isClosed ? { networkMode: 'no-network-tools', toolRestrictions: readingTools.join(', ') } : {}),
  }
}

/** It may announce an alias; its statistics name the models. They have another form with `-o json`. It states no version. */
function stating(...[records]: Parameters<Stating>): ReturnType<Stating> {
  const stats = records.findLast(record => isRecord(record.stats))?.stats
  const written = (model: unknown) =>
    sumOf(model, ['output_tokens']) ?? (isRecord(model) ? sumOf(model.tokens, ['candidates']) : null)
  return {
    tokens: tokensOfModels(isRecord(stats) ? stats.models : null, written),
    announced: lastOfType(records, 'init')?.model,
  }
}

function read(output: AgentOutput): AgentReading {
  const { exitCode } = output
  const records = jsonRecords(output.stdout)
  /** The second form is the only output with a user's own `-o json`. */
  const end = lastOfType(records, 'result') ?? records.find(record => !record.type && 'response' in record)
  if (!end) return withoutRecord(output, { exitCodes, stderr: [[notStarted, bad]] })
  const afterTools = records.slice(records.findLastIndex(record => 'tool_id' in record) + 1)
  const said = afterTools.map(record => (record.role === 'assistant' && textAt(record, 'content')) || '').join('')
  /** `input_tokens` includes cached tokens; `output_tokens` excludes thoughts, but the total includes them. */
  const [input, total] = [sumOf(end.stats, ['input_tokens']), sumOf(end.stats, ['total_tokens'])]
  const kept = { text: textAt(end, 'response') ?? said, usage: usageOf(input, input && total && total - input, null) }
  const problem = textAt(end, 'error', 'message') ?? textAt(lastOfType(records, 'error'), 'message') ?? ''
  const isGood = (end.type ? end.status === 'success' : !end.error) && classOf(problem, patterns) !== 'max-turns'
  if (exitCode === 0 && isGood) return { ok: true, ...kept, structured: null }
  const [, code, answer, message] = apiError.exec(problem) ?? []
  const words = (answer ?? message ?? problem) || `exit ${exitCode}`
  if (exitCode === null || (exitCode > 128 && exitCode < 144)) return failed(output, 'crashed', words, kept)
  /** It exits with the HTTP status, of which the system keeps eight bits: 429 -> 173. */
  const status = Number(code) || (exitCode < 144 ? null : exitCode + 256)
  return failed(output, classOfError(status, words, patterns) ?? exitCodes[exitCode] ?? 'agent-error', words, kept)
}

const bad = 'bad-invocation'
const exitCodes: EndSigns['exitCodes'] & object = { 41: 'auth', 42: bad, 44: bad, 52: bad, 53: 'max-turns', 55: bad }
const notStarted = /^(?:Not enough arguments|Unknown arguments?|Invalid values|Cannot use|An .+ Invalid approval)\b/
const apiError = /^\[API Error: (?:\{"error":\{"code":(\d{3}),"message":"((?:[^"\\]|\\.)*)|(.*)\])/s
const patterns: readonly Pattern[] = [
  /** After these errors the record says success, and the exit code is 0. */
  [/^(?:Loop detected|Maximum session turns exceeded)/, 'max-turns'],
  [/^You have exhausted your/, 'usage-limit'],
  [/^API key (?:not valid|not found|expired)/i, 'auth'],
  [/^The input token count .{1,40}exceeds the maximum/, 'context-exceeded'],
  [/^models\/\S+ is not found/, bad],
  [/^The model response was blocked/, 'refused'],
  [/^(?:exception TypeError: )?(?:fetch failed|terminated|Premature close|request to \S+ failed, reason: )/, 'network'],
]
