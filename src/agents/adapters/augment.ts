import type { Role } from '../../core/work-package/work-package.ts'
import type { AgentOutput, AgentReading, AgentRequest } from '../../run/attempts/agent.ts'
import { option, optionValues } from '../argv.ts'
import { defineAgent, type Facts, type Invocation } from '../define-agent.ts'
import { failed, type Pattern } from '../reading/failures.ts'
import { readResultRecord } from '../reading/result-record.ts'
import { reviewFolder } from '../review-folder.ts'

/** Augment's auggie, measured with 0.36.0: docs/agents.md. Never `--acp`: that ignores the prompt and exits 0. */
export const augment = defineAgent({
  id: 'augment',
  binaries: ['auggie'],
  testedVersion: '0.36.0',
  signIn: { env: ['AUGMENT_SESSION_AUTH'], files: ['~/.augment/session.json'] },
  reviewerIsReadOnly: true,
  /** It prints its session id only at the end, so a stopped session has none. */
  resumes: true,
  sessionIn: ({ session_id }) => session_id,
  options: ({ role, settings }) => [...guardOf(role), ...option('-m', settings.model), ...settings.args],
  facts,
  invocation,
  read,
})

const writingTools = ['save-file', 'str-replace-editor', 'apply_patch', 'remove-files']
const commandTools = ['launch-process', 'write-process', 'kill-process']
const networkTools = ['web-fetch', 'web-search', 'github-api']
const refused = [...writingTools, ...commandTools, ...networkTools]

/**
 * Print mode never asks for permission, and `--ask` only asks the model. So for a review the tools are removed, and
 * denied for sub-agents. From its working folder (`-w`) it loads servers, rules and a policy program, so a reviewer
 * gets an empty folder and reads the worktree from there.
 */
function invocation(request: AgentRequest): Invocation {
  const { settings, worktree } = request
  const isReview = request.role === 'review'
  const folder = reviewFolder(request)
  const ofRole = isReview
    ? ['--ask', '--dont-save-session', '-w', folder.path, '--add-workspace', worktree, ...guardOf('review')]
    : ['-w', worktree, ...option('--resume', request.resumeSession)]
  // Without a limit it repeats a failed request forever.
  const always = ['--print', '--output-format', 'json', '--retry-timeout', '60']
  const args = [...always, ...ofRole, ...option('-m', settings.model), ...settings.args]
  return { args, env: { AUGMENT_DISABLE_AUTO_UPDATE: '1' }, files: isReview ? folder.files : [] }
}

function guardOf(role: Role): readonly string[] {
  if (role !== 'review') return []
  return refused.flatMap(tool => ['--remove-tool', tool, '--permission', `${tool}:deny`])
}

function facts(args: readonly string[]): Facts {
  const removed = optionValues(args, ['--remove-tool'])
  const rules = new Set([...optionValues(args, ['--permission']), ...removed.map(tool => `${tool}:deny`)])
  const gainsTools = args.some(arg => /^--(?:mcp-config|plugin-dir)(?:=|$)/.test(arg))
  const isOffline = !gainsTools && [...commandTools, ...networkTools].every(tool => removed.includes(tool))
  const networkMode = isOffline ? 'no-network-tools' : 'unrestricted'
  return { approvalMode: 'never', networkMode, toolRestrictions: [...rules].join(', ') || null }
}

/** Notices may precede the single line of JSON; a failure prints no JSON. It reports neither tokens nor dollars. */
function read(output: AgentOutput): AgentReading {
  const report = readResultRecord(output, {
    usage: () => null,
    errors: [],
    stderr: stderrPatterns,
  })
  const hasLimit = /^Applying --max-turns override: /m.test(output.stdout)
  if (report.ok || output.exitCode !== 0 || !hasLimit) return report
  return failed(output, 'max-turns', `ended without a closing record; ${output.stdout}`)
}

const stderrPatterns: readonly Pattern[] = [
  [/^❌ (?:No auth provided\.|Authentication failed: |Permission denied$)/, 'auth'],
  [/^❌ API Error: "\w+: HTTP error: 402\b/, 'billing'],
  [/^❌ API Error: "\w+: HTTP error: 404\b/, 'bad-invocation'],
  [/^❌ API Error: "augmentTooLarge: /, 'context-exceeded'],
  [/^❌ Agent execution failed: Request failed after .{1,40}: Rate limited$/, 'rate-limit'],
  [/^❌ Agent execution failed: Request failed after .{1,40}: unavailable: HTTP error: 5\d\d\b/, 'overloaded'],
  [/^❌ Agent execution failed: Request failed after .{1,40}: (?:unavailable: fetch failed|terminated)\b/, 'network'],
  [/^error: |^❌ Failed to initialize agent: (?:No instruction provided|Failed to resume session)\b/, 'bad-invocation'],
]
