import type { CustomAgentDefinition } from '../../config/custom-section.ts'
import type { AgentId } from '../../core/ids.ts'
import { roles } from '../../core/work-package/work-package.ts'
import type { Agent, AgentRequest } from '../../run/attempts/agent.ts'
import { dangerousFlagsIn } from '../argv.ts'
import { usualIdleShare } from '../define-agent.ts'
import { readCustomReport } from './custom-report.ts'

/** Any CLI as an agent, by what `agents.custom.<id>` of the configuration says of it. */
export function createCustomAgent(id: AgentId, definition: CustomAgentDefinition): Agent {
  const { command, review_command: reviewCommand, review_is_read_only: readOnly } = definition
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
    command: request => {
      const { role, settings } = request
      const [, ...template] = role === 'review' && reviewCommand ? reviewCommand : command
      const fixed = [...template, ...settings.args].map(arg => fill(arg, request))
      const claimed = role === 'review' && readOnly && settings.args.length === 0
      return {
        args: definition.prompt === 'argument' ? [...fixed, request.prompt] : fixed,
        env: settings.env,
        files: [],
        capabilities: {
          approvalMode: 'custom',
          sandboxMode: 'none',
          networkMode: 'unrestricted',
          dangerousFlags: dangerousFlagsIn(fixed),
          toolRestrictions: claimed ? 'read-only, as its user configured it' : null,
        },
      }
    },
    read: output => readCustomReport(output, definition),
  }
}

/** An argument with `{model}` while no model is configured is refused when the configuration is loaded. */
function fill(arg: string, { promptFile, worktree, settings }: AgentRequest): string {
  const values = { prompt_file: promptFile, worktree, model: settings.model ?? '' }
  return arg.replace(/\{(prompt_file|worktree|model)\}/g, (_, name: keyof typeof values) => values[name])
}
