import type { Role } from '../../core/work-package/work-package.ts'
import type { AgentRequest, AgentUse } from '../../run/attempts/agent.ts'
import { verdictJsonSchema } from '../../run/steps/verdict.ts'
import { option, optionValue, withUserArgs } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { initRecord, modelsOfAnswers, type Stating } from '../reading/answerer.ts'
import { classOfError, type Pattern } from '../reading/failures.ts'
import { type ResultRecord, readResultRecord } from '../reading/result-record.ts'
import { sumOf, usageOf } from '../reading/usage.ts'

/** Qwen Code, measured with 0.24.4: docs/agents.md. */
export const qwen = defineAgent({
  id: 'qwen',
  binaries: ['qwen'],
  testedVersion: '0.24.4',
  signIn: { env: ['OPENAI_API_KEY', 'DASHSCOPE_API_KEY', 'BAILIAN_CODING_PLAN_API_KEY', 'BAILIAN_TOKEN_PLAN_API_KEY'] },
  reviewerIsReadOnly: true,
  resumes: true,
  takesModel: model => /^(?:qwen|coder-model$)/.test(model),
  sessionless: ['--no-chat-recording', '--chat-recording=false'],
  cumulativeUsage: ['inputTokens', 'outputTokens'],
  sessionIn: ({ session_id }) => session_id,
  stating,
  options: ({ role, settings }) =>
    withUserArgs([...approvalOf(role), ...option('-m', settings.model)], settings.args, onlyOnce),
  facts,
  invocation,
  read: output =>
    readResultRecord(output, {
      structured: record => record.structured_result,
      usage: ({ usage }) => usageOf(sumOf(usage, ['input_tokens']), sumOf(usage, ['output_tokens']), null),
      classOf: classOfMessage,
      errors: [],
      stderr: stderrPatterns,
    }),
})

/**
 * Plan mode refuses to write and to run commands, but allows a new worktree. Excluding the others also disables the
 * network.
 */
const excluded = 'agent,enter_worktree,exit_worktree,web_fetch,skill,record_artifact,send_message,cron_create,task_stop'
const onlyOnce = ['--approval-mode']
/** Its default of ten retries waits 42 minutes on 429; without retries it still takes 80 s. */
const model = { generationConfig: { maxRetries: 0 } }
const memory = { enableManagedAutoMemory: false, enableManagedAutoDream: false }

function invocation({ role, settings, filePrefix, timeoutSeconds, resumeSession }: AgentRequest): Invocation {
  const isReview = role === 'review'
  const common = ['-o', 'stream-json', '--max-wall-time', String(timeoutSeconds)]
  const session = isReview ? [] : option('--resume', resumeSession)
  const ours = [...approvalOf(role), ...session, ...common, ...option('-m', settings.model)]
  const args = withUserArgs(ours, settings.args, onlyOnce)
  /**
   * Defaults for settings the user has not set. In a folder that no list trusts, it loads no settings and no `.env`.
   */
  const defaults = { $version: 4, model, memory, security: { folderTrust: { enabled: isReview } } }
  const defaultsFile = { path: `${filePrefix}.defaults.json`, content: JSON.stringify(defaults) }
  const env = { QWEN_CODE_NO_RELAUNCH: 'true', QWEN_CODE_SYSTEM_DEFAULTS_PATH: defaultsFile.path }
  const guardEnv = isReview ? { ...env, QWEN_CODE_TRUSTED_FOLDERS_PATH: `${filePrefix}.no-trust.json` } : {}
  return { args, env, guardEnv, files: [defaultsFile] }
}

function stating(...[records]: Parameters<Stating>): ReturnType<Stating> {
  const init = initRecord(records)
  return { answers: modelsOfAnswers(records), announced: init?.model, version: init?.qwen_code_version }
}

/** Safe mode: no context files, hooks, servers, skills or permissions of the user or the worktree. */
function approvalOf(role: Role): readonly string[] {
  if (role !== 'review') return ['--approval-mode', 'yolo']
  const schema = verdictJsonSchema()
  return ['--approval-mode', 'plan', '--safe-mode', '--json-schema', schema, '--exclude-tools', excluded]
}

function facts(args: readonly string[], { role }: AgentUse): Facts {
  const approvalMode = optionValue(args, ['--approval-mode']) ?? 'auto'
  const isClosed = role === 'review' && approvalMode === 'plan'
  return {
    approvalMode,
    sandboxMode: args.some(arg => /^(?:-s|--sandbox)(?:=true)?$/.test(arg)) ? 'sandbox' : 'none',
    ...(isClosed ? { networkMode: 'no-network-tools', toolRestrictions: `plan mode without ${excluded}` } : {}),
  }
}

function classOfMessage({ error }: ResultRecord) {
  const words = (error?.message ?? '').replace('[API Error: ', '')
  return classOfError(Number(words.slice(0, 3)) || null, words, errorPatterns)
}

const errorPatterns: readonly Pattern[] = [
  [/^(?:Quota exhausted: |429 You exceeded your current quota)/, 'usage-limit'],
  [/^(?:\d{3} )?This model's maximum context length/, 'context-exceeded'],
  [/^(?:Connection error|terminated|fetch failed|socket hang up|(?:Streaming r|R)equest timed? ?out)/, 'network'],
  [/^(?:No auth type is selected|Missing API key)/, 'auth'],
  [/^Model produced plain text instead of calling the structured_output/, 'no-verdict'],
]
const stderrPatterns: readonly Pattern[] = [
  [/^Retrying in \d+s \(attempt \d+\/\d+\): \[API Error: 429\b/, 'rate-limit'],
  [/^(?:"message": ")?Run aborted: wall-clock/, 'timed-out'],
  [/^(?:"message": ")?(?:Run aborted: tool-call|Reached max session turns)/, 'max-turns'],
  [/^(?:Unknown arguments?:|Invalid values|No input provided|--[a-z-]+ )/, 'bad-invocation'],
]
