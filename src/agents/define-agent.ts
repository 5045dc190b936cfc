import type { JsonRecord } from '../core/json.ts'
import { roles } from '../core/work-package/work-package.ts'
import type {
  Agent,
  AgentCommand,
  AgentOutput,
  AgentReading,
  AgentRequest,
  AgentUse,
  Capabilities,
} from '../run/attempts/agent.ts'
import { agentId } from './agent-id.ts'
import { dangerousFlagsIn } from './argv.ts'
import { answererIn, type Stating } from './reading/answerer.ts'
import { sessionNamed } from './reading/session-id.ts'

/** What an adapter defines. Optional members default to what most CLIs have in common. */
export interface AgentDefinition {
  readonly id: string
  readonly binaries: readonly string[]
  /** See `Detection`. */
  readonly testedVersion: string | null
  readonly signIn: {
    readonly env?: readonly string[]
    readonly files?: readonly string[]
    readonly statusArgs?: readonly string[]
  }
  readonly promptVia?: Agent['promptVia']
  readonly reviewerIsReadOnly: boolean
  readonly reviewerRunsGit?: boolean
  readonly reachesHost?: boolean
  readonly resumes?: boolean
  /** User arguments with which the CLI stores no session, so that resuming one would fail. */
  readonly sessionless?: readonly string[]
  readonly takesModel?: (model: string) => boolean
  readonly cumulativeUsage?: Agent['cumulativeUsage']
  readonly idleShare?: number
  /** The session id in a record of stdout. */
  sessionIn?(record: JsonRecord): unknown
  /** The models that answered and the version, where the output states them. */
  readonly stating?: Stating
  /** The arguments known before an attempt, including the user's, in the order of the command. */
  options(use: AgentUse): readonly string[]
  /** What the arguments mean: those of the whole command, or only `options`. */
  facts(args: readonly string[], use: AgentUse): Facts
  invocation(request: AgentRequest): Invocation
  read(output: AgentOutput): AgentReading
}

export interface Invocation {
  readonly args: readonly string[]
  /** Can be overridden by `agents.settings.<id>.env`. */
  readonly env?: Readonly<Record<string, string>>
  /** Cannot be overridden, because it limits what a reviewer can do. */
  readonly guardEnv?: Readonly<Record<string, string>>
  readonly files?: AgentCommand['files']
  readonly resultFile?: string
  readonly session?: string
}

export type Facts = Pick<Capabilities, 'approvalMode'> & Partial<Omit<Capabilities, 'dangerousFlags'>>

/** Measured while the model server was silent: most use under 1 %; those that use more set their own share. */
export const usualIdleShare = 0.03

export function defineAgent({
  id,
  signIn,
  testedVersion,
  sessionIn,
  stating,
  sessionless = [],
  options,
  facts,
  invocation,
  read,
  ...rest
}: AgentDefinition): Agent {
  const capabilitiesOf = (args: readonly string[], use: AgentUse): Capabilities => ({
    sandboxMode: 'none',
    networkMode: 'unrestricted',
    toolRestrictions: null,
    ...facts(args, use),
    dangerousFlags: dangerousFlagsIn(args),
  })
  return {
    promptVia: 'stdin',
    roles,
    reviewerRunsGit: false,
    reachesHost: true,
    resumes: false,
    cumulativeUsage: [],
    idleShare: usualIdleShare,
    ...rest,
    id: agentId(id),
    detection: {
      versionArgs: ['--version'],
      testedVersion,
      signIn: { env: [], files: [], statusArgs: null, ...signIn },
    },
    read: output => ({
      ...read(output),
      sessionId: sessionIn ? sessionNamed(output, sessionIn) : null,
      ...(stating ? { answerer: answererIn(output, stating) } : {}),
    }),
    capabilities: use => capabilitiesOf(options(use), use),
    command: given => {
      const keepsNone = given.settings.args.some(arg => sessionless.includes(arg))
      const request = keepsNone ? { ...given, resumeSession: null } : given
      const { args, env, guardEnv, files = [], resultFile, session } = invocation(request)
      return {
        args,
        env: { ...env, ...request.settings.env, ...guardEnv },
        files,
        ...(resultFile ? { resultFile } : {}),
        ...(session ? { session } : {}),
        capabilities: capabilitiesOf(args, request),
      }
    },
  }
}
