import type { Failure } from '../../core/agent/failure.ts'
import type { AgentId } from '../../core/ids.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'

/**
 * One coding-agent CLI. Pure: `command` returns what to run, `read` interprets its output; local/agent-runner.ts runs it.
 * Facts and traps of each CLI are measured, see docs/agents.md.
 */
export interface Agent {
  readonly id: AgentId
  /** Program names, in the order in which they are looked for on PATH. */
  readonly binaries: readonly string[]
  readonly promptVia: 'stdin' | 'argument' | 'file'
  readonly roles: readonly Role[]
  /** The CLI itself removes a reviewer's write tools, as long as the user adds no arguments. */
  readonly reviewerIsReadOnly: boolean
  /** True when a reviewer can run git to see the changes; otherwise the prompt shows them. */
  readonly reviewerRunsGit: boolean
  /** True when the agent can run the host's mark-status itself. If a sandbox forbids it, we run it for the agent. */
  readonly reachesHost: boolean
  /** True when `command` supports `resumeSession`. */
  readonly resumes: boolean
  /**
   * Whether the CLI can be started with a model of this name, which the frontmatter of a WP asks for; absent: with none. A
   * configured model is never checked.
   */
  takesModel?(model: string): boolean
  /** The values that a resumed session reports as a total of all its attempts; measured per CLI. */
  readonly cumulativeUsage: readonly (keyof Usage)[]
  /** The share of one core that its processes use while they wait for the model; measured per CLI. */
  readonly idleShare: number
  readonly detection: Detection
  /** Capabilities of every command for this role and these settings. The host needs them before the attempt. */
  capabilities(use: AgentUse): Capabilities
  command(request: AgentRequest): AgentCommand
  read(output: AgentOutput): AgentReport
}

/** How an installed CLI is inspected without any cost. */
export interface Detection {
  /** Arguments that print the version and do nothing else; null when none are known. */
  readonly versionArgs: readonly string[] | null
  /** The version that the adapter was tested with; null when it is based on documentation only. */
  readonly testedVersion: string | null
  readonly signIn: SignInSigns
}

/** Signs that the user is signed in. They may be out of date; only the service knows. */
export interface SignInSigns {
  /** Any of these variables, set and not empty. */
  readonly env: readonly string[]
  /** Any of these files; `~/` is the home folder. */
  readonly files: readonly string[]
  /** Arguments of a free command that exits 0 if and only if the user is signed in. */
  readonly statusArgs: readonly string[] | null
}

/** The role and the settings of an agent, known before an attempt. */
export interface AgentUse {
  readonly role: Role
  readonly settings: AgentSettings
}

export interface AgentRequest extends AgentUse {
  /** Absolute path of the file that holds the prompt. */
  readonly promptFile: string
  /** The prompt itself, for `promptVia: 'argument'`. */
  readonly prompt: string
  readonly worktree: string
  /** Absolute path prefix for files of this attempt, beside its logs: `<prefix>.schema.json`, `<prefix>.last.txt`. */
  readonly filePrefix: string
  readonly timeoutSeconds: number
  /** The session of this agent to continue; null for a new one. Never set for a review. */
  readonly resumeSession: string | null
}

/** From `agents.settings.<id>` for one role; empty where nothing is configured. */
export interface AgentSettings {
  readonly model: string | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface AgentCommand {
  /** Arguments after the program name; no shell is between us and the program. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Written (0600) before the start; missing folders (0700) are made. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
  /** A file that the CLI writes in addition to its output (its final message, its usage); passed to `read`. */
  readonly resultFile?: string
  /** The id of the session, if we can choose it; otherwise the CLI reports it. */
  readonly session?: string
  readonly capabilities: Capabilities
}

/** True facts of the argv that is run; they become the host's policy metadata. */
export interface Capabilities {
  readonly approvalMode: string
  readonly sandboxMode: string
  readonly networkMode: string
  readonly dangerousFlags: readonly string[]
  readonly toolRestrictions: string | null
}

export interface AgentOutput {
  readonly role: Role
  /** null when it was ended by a signal. */
  readonly exitCode: number | null
  /** The last MiB at most. */
  readonly stdout: string
  /** The first 16 KiB of stdout, where some CLIs print their session; the last line may be cut. */
  readonly head: string
  /** True when the start of stdout is missing; the first line may be cut. */
  readonly cut: boolean
  readonly stderr: string
  /** What `resultFile` held. */
  readonly resultFile: string | null
  /** When it ended, for limits that state a time: milliseconds since the epoch. */
  readonly endedAt: number
}

/** The result of a run, according to its output. */
export type AgentReading =
  | {
      readonly ok: true
      /** The agent's final message. */
      readonly text: string
      /** The CLI's own structured answer, if there is one; otherwise the verdict is read from `text`. */
      readonly structured: unknown
      readonly usage: Usage | null
    }
  | { readonly ok: false; readonly failure: Failure; readonly text: string; readonly usage: Usage | null }

/** Who answered, as the CLI states it. */
export interface Answerer {
  /** The main model; null: not stated. */
  readonly model: string | null
  /** Other models that also answered, such as a small helper model. */
  readonly otherModels: readonly string[]
  /** null: not stated. */
  readonly cliVersion: string | null
}

/** Session and answerer are read after a failure too: the session of a run that we stopped can be continued. */
export type AgentReport = AgentReading & {
  readonly sessionId: string | null
  /** Absent: nothing is stated. */
  readonly answerer?: Answerer
}
