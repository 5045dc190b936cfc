import type { Failure } from '../../core/agent/failure.ts'
import type { AgentId } from '../../core/ids.ts'
import type { Role, Usage } from '../../core/work-package/work-package.ts'

/**
 * One coding-agent CLI. Pure: `command` says what to run, `read` says what came of it; the runner in local/agent-runner.ts
 * does both. Facts and traps of each CLI are measured, see docs/agents.md.
 */
export interface Agent {
  readonly id: AgentId
  /** Program names, in the order in which they are looked for on PATH. */
  readonly binaries: readonly string[]
  readonly promptVia: 'stdin' | 'argument' | 'file'
  readonly roles: readonly Role[]
  /** The CLI itself takes the writing tools away from a reviewer, as long as the user adds no arguments of their own. */
  readonly reviewerIsReadOnly: boolean
  /** A reviewer can run git to see what was changed; if not, the prompt shows it. */
  readonly reviewerRunsGit: boolean
  /** The agent can run the host's mark-status itself; a sandbox may forbid it, then we run it on the agent's word. */
  readonly reachesHost: boolean
  /** `command` heeds `resumeSession`. */
  readonly resumes: boolean
  /** What a resumed session reports as a sum over all its attempts, not for the last one; measured per CLI. */
  readonly cumulativeUsage: readonly (keyof Usage)[]
  /** What share of one core its processes take while they only wait for the model; measured per CLI. */
  readonly idleShare: number
  readonly detection: Detection
  /** Those of every command for this role and these settings: the host is told before there is an attempt. */
  capabilities(use: AgentUse): Capabilities
  command(request: AgentRequest): AgentCommand
  read(output: AgentOutput): AgentReport
}

/** How an installed copy is looked at without spending anything. */
export interface Detection {
  /** Arguments that print the version and do nothing else; null: there are none that we know. */
  readonly versionArgs: readonly string[] | null
  /** The version that the adapter was run against; null: it never was, its facts come from documents. */
  readonly testedVersion: string | null
  readonly signIn: SignInSigns
}

/** What tells that somebody is signed in. A sign that is there may still be out of date; only the service knows. */
export interface SignInSigns {
  /** Any of these variables, set and not empty. */
  readonly env: readonly string[]
  /** Any of these files; `~/` is the home folder. */
  readonly files: readonly string[]
  /** Arguments of a command that costs nothing and exits 0 exactly when somebody is signed in. */
  readonly statusArgs: readonly string[] | null
}

/** What an agent is used for, and how: known before an attempt. */
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
  /** A session of this agent to go on with; null: a new one. Never set for a review. */
  readonly resumeSession: string | null
}

/** From `agents.settings.<id>` for one role; whatever was not configured is empty. */
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
  /** A file that the CLI writes beside its output (its final message, its usage); handed to `read`. */
  readonly resultFile?: string
  /** The name of the session, where it is ours to choose; else the CLI tells it. */
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
  /** null: ended by a signal. */
  readonly exitCode: number | null
  /** The last MiB at most. */
  readonly stdout: string
  /** The first 16 KiB of stdout, where some CLIs name their session; the last line may be cut. */
  readonly head: string
  /** The beginning of stdout is missing; the first line may be cut. */
  readonly cut: boolean
  readonly stderr: string
  /** What `resultFile` held. */
  readonly resultFile: string | null
  /** When it ended, for limits that state a time: milliseconds since the epoch. */
  readonly endedAt: number
}

/** What came of a run, by what it printed. */
export type AgentReading =
  | {
      readonly ok: true
      /** The agent's final message. */
      readonly text: string
      /** The CLI's own structured answer, where it has one; else the verdict is looked for in `text`. */
      readonly structured: unknown
      readonly usage: Usage | null
    }
  | { readonly ok: false; readonly failure: Failure; readonly text: string; readonly usage: Usage | null }

/** With the session it was, whatever came of it: also that of a run that we stopped can be gone on with. */
export type AgentReport = AgentReading & { readonly sessionId: string | null }
