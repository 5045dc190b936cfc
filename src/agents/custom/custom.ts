import type { CustomAgentDefinition } from '../../config/custom-section.ts'
import type { AgentId } from '../../core/ids.ts'
import { roles } from '../../core/work-package/work-package.ts'
import type { Agent, AgentUse, Capabilities } from '../../run/attempts/agent.ts'
import { dangerousFlagsIn } from '../argv.ts'
import { usualIdleShare } from '../define-agent.ts'
import { readCustomReport } from './custom-report.ts'

/** Makes an agent of any CLI, as configured in `agents.custom.<id>`. */
export function createCustomAgent(id: AgentId, definition: CustomAgentDefinition): Agent {
  const { command, review_command: reviewCommand, review_is_read_only: readOnly } = definition
  const template = ({ role, settings }: AgentUse): readonly string[] => {
    const [, ...args] = role === 'review' && reviewCommand ? reviewCommand : command
    return [...args, ...settings.args]
  }
  const capabilities = (use: AgentUse): Capabilities => ({
    approvalMode: 'custom',
    sandboxMode: 'none',
    networkMode: 'unrestricted',
    dangerousFlags: dangerousFlagsIn(template(use).map(arg => fill(arg, { model: use.settings.model ?? '' }))),
    toolRestrictions:
      use.role === 'review' && readOnly && use.settings.args.length === 0
        ? 'read-only, as its user configured it'
        : null,
  })
  return {
    id,
    binaries: command.slice(0, 1),
    promptVia: definition.prompt,
    roles: definition.review ? roles : ['implementation'],
    reviewerIsReadOnly: readOnly,
    /** A read-only reviewer may have no shell. */
    reviewerRunsGit: !readOnly,
    reachesHost: true,
    resumes: false,
    cumulativeUsage: [],
    idleShare: usualIdleShare,
    detection: {
      versionArgs: definition.version_args,
      testedVersion: null,
      signIn: { env: [], files: [], statusArgs: null },
    },
    capabilities,
    command: request => {
      const { promptFile, worktree, settings } = request
      const values = { prompt_file: promptFile, worktree, model: settings.model ?? '' }
      const args = template(request).map(arg => fill(arg, values))
      return {
        args: definition.prompt === 'argument' ? [...args, request.prompt] : args,
        env: settings.env,
        files: [],
        capabilities: capabilities(request),
      }
    },
    read: output => readCustomReport(output, definition),
  }
}

/** If no model is configured, an argument with `{model}` is refused when the configuration is loaded. */
function fill(arg: string, values: Readonly<Record<string, string>>): string {
  return arg.replace(/\{(prompt_file|worktree|model)\}/g, (whole, name: string) => values[name] ?? whole)
}
