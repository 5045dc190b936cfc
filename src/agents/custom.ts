import type { AgentId } from '../core/ids.ts'
import type { Agent, AgentOutput, AgentReport, AgentRequest } from './agent.ts'
import { dangerousFlagsIn } from './argv.ts'
import { withoutRecord } from './failures.ts'

/** `agents.custom.<id>` of the configuration. */
export interface CustomAgentDefinition {
  /** Program and arguments; `{prompt_file}` and `{worktree}` are replaced inside single arguments. */
  readonly command: readonly string[]
  /** `argument` appends the prompt as the last argument; `file` relies on `{prompt_file}`. */
  readonly prompt: 'stdin' | 'argument' | 'file'
  readonly review: boolean
}

/** Any CLI as an agent: success is exit 0, the answer is what it printed, and a review's verdict stands in it as JSON. */
export function createCustomAgent(id: AgentId, definition: CustomAgentDefinition): Agent {
  const [program = '', ...template] = definition.command
  return {
    id,
    binaries: [program],
    promptVia: definition.prompt,
    roles: definition.review ? ['implementation', 'review'] : ['implementation'],
    reviewerIsReadOnly: false,
    reviewerRunsGit: true,
    reachesHost: true,
    detection: { versionArgs: null, testedVersion: null, signIn: { env: [], files: [], statusArgs: null } },
    command: request => {
      const fixed = [...template, ...request.settings.args].map(arg => fill(arg, request))
      return {
        args: definition.prompt === 'argument' ? [...fixed, request.prompt] : fixed,
        env: request.settings.env,
        files: [],
        capabilities: {
          approvalMode: 'custom',
          sandboxMode: 'none',
          networkMode: 'unrestricted',
          dangerousFlags: dangerousFlagsIn(fixed),
          toolRestrictions: null,
        },
      }
    },
    read,
  }
}

function fill(arg: string, { promptFile, worktree }: AgentRequest): string {
  return arg.replace(/\{(prompt_file|worktree)\}/g, (_, name) => (name === 'worktree' ? worktree : promptFile))
}

function read(output: AgentOutput): AgentReport {
  const { exitCode, stdout } = output
  if (exitCode === 0) return { ok: true, text: stdout, structured: null, usage: null, sessionId: null }
  return { ...withoutRecord(output, {}), text: stdout }
}
