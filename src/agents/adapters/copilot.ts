import { createHash } from 'node:crypto'
import { isRecord, type JsonRecord, parseJson } from '../../core/json.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading, AgentRequest } from '../../run/attempts/agent.ts'
import { option, variadicValues } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { type Stating, tokensOfModels } from '../reading/answerer.ts'
import { failed, withoutRecord } from '../reading/failures.ts'
import { jsonRecords, lastOfType, textAt } from '../reading/output.ts'
import { sumOf, totalUsage, usageOf } from '../reading/usage.ts'
import { reviewFolder } from '../review-folder.ts'
import { failureIn, stderrPatterns } from './copilot-errors.ts'

/**
 * GitHub Copilot CLI, measured with 1.0.102 and our own models (BYOK): docs/agents.md. `gh copilot` is a different
 * program.
 */
export const copilot = defineAgent({
  id: 'copilot',
  binaries: ['copilot'],
  testedVersion: '1.0.102',
  signIn: {
    env: ['COPILOT_GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_TOKEN', 'COPILOT_PROVIDER_BASE_URL'],
    files: ['~/.config/gh/hosts.yml'],
  },
  reviewerIsReadOnly: true,
  resumes: true,
  takesModel: model => !model.includes('/'),
  cumulativeUsage: ['inputTokens', 'outputTokens'],
  sessionIn: ({ sessionId }) => sessionId,
  stating,
  options: ({ role, settings }) => [...toolsOf(role), ...option('--model', settings.model), ...settings.args],
  facts,
  invocation,
  read,
})

const headless = ['--no-ask-user', '--no-auto-update', '--disable-builtin-mcps', '--output-format', 'json']
const readingTools = ['view', 'grep', 'glob']
const restrictions = ['--available-tools', '--excluded-tools', '--allow-tool', '--deny-tool']

/**
 * A reviewer gets no shell: commands that Copilot considers read-only (`GIT_EXTERNAL_DIFF='touch x' git diff`, `git
 * branch -D`) run without asking. It does not start in the worktree: in a repository that the user trusts, every
 * worktree's hooks and servers start.
 */
function invocation(request: AgentRequest): Invocation {
  const { role, settings, filePrefix } = request
  const session = request.resumeSession ?? sessionFor(filePrefix)
  const folder = reviewFolder(request)
  const resultFile = `${filePrefix}.usage.json`
  const ofRole =
    role === 'review'
      ? [...toolsOf(role), '--no-custom-instructions', '-C', folder.path]
      : [...toolsOf(role), '--session-id', session]
  const model = option('--model', settings.model)
  const args = [...ofRole, ...headless, '--usage-output-file', resultFile, ...model, ...settings.args]
  if (role !== 'review') return { args, resultFile, session }
  return { args, guardEnv: { COPILOT_ALLOW_ALL: 'false' }, files: folder.files, resultFile }
}

function toolsOf(role: Role): readonly string[] {
  return role === 'review' ? [`--available-tools=${readingTools}`, '--allow-all-paths'] : ['--allow-all-tools']
}

function facts(args: readonly string[]): Facts {
  const tools = variadicValues(args, ['--available-tools']).flatMap(list => list.split(','))
  const isReading = tools.length > 0 && tools.every(tool => readingTools.includes(tool))
  return {
    approvalMode: args.some(arg => /^--allow-all(?:-tools)?$/.test(arg)) ? 'allow-all-tools' : 'reads-only',
    networkMode: isReading ? 'no-network-tools' : 'unrestricted',
    toolRestrictions:
      restrictions.flatMap(name => variadicValues(args, [name]).map(value => `${name} ${value}`)).join(', ') || null,
  }
}

/** Resumes the session with this id, or starts it. By itself it prints the id only at the end, and not when stopped. */
function sessionFor(filePrefix: string): string {
  const digits = createHash('sha256').update(filePrefix).digest('hex')
  return digits.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-a$4-$5')
}

/** It states no version. The metrics contain those of sub-agents and of earlier attempts of the session. */
function stating(...[records, resultFile]: Parameters<Stating>): ReturnType<Stating> {
  const own = records.filter(({ agentId }) => agentId === undefined)
  const answers = own.filter(({ type }) => type === 'assistant.message').map(({ data }) => textAt(data, 'model'))
  return {
    tokens: tokensOfModels(modelMetrics(resultFile), model =>
      isRecord(model) ? sumOf(model.usage, ['outputTokens']) : null,
    ),
    answers,
    announced: textAt(lastOfType(own, 'session.tools_updated')?.data, 'model'),
  }
}

function read(output: AgentOutput): AgentReading {
  // Records of sub-agents carry their id.
  const records = jsonRecords(output.stdout).filter(({ agentId }) => agentId === undefined)
  const result = lastOfType(records, 'result')
  const message = lastOfType(records, 'assistant.message')?.data
  const isFinal = isRecord(message) && Array.isArray(message.toolRequests) && message.toolRequests.length === 0
  const kept = { text: (isFinal && textAt(message, 'content')) || '', usage: usageIn(output.resultFile) }
  // When ended by a signal, it reports that and exits with 0.
  const isAborted = records.some(
    ({ type, data }) => type === 'assistant.idle' && isRecord(data) && data.aborted === true,
  )
  if (isAborted) return failed(output, 'crashed', 'it was interrupted', kept)
  if (output.exitCode === 0 && result?.exitCode === 0 && isFinal) return { ok: true, ...kept, structured: null }
  return failureIn(records, output, kept) ?? withoutRecord(output, { stderr: stderrPatterns })
}

/** Input tokens include cached ones. Premium requests and AI credits are not dollars. */
function usageIn(file: string | null): Usage | null {
  const usages = Object.values(modelMetrics(file)).map(model => (isRecord(model) ? model.usage : null))
  return totalUsage(usages.map(usage => usageOf(sumOf(usage, ['inputTokens']), sumOf(usage, ['outputTokens']), null)))
}

function modelMetrics(file: string | null): JsonRecord {
  const metrics = parseJson(file ?? '')
  return isRecord(metrics) && isRecord(metrics.modelMetrics) ? metrics.modelMetrics : {}
}
