import type { Failure } from '../core/failure.ts'
import type { AgentId } from '../core/ids.ts'
import type { Role, Usage } from '../core/work-package.ts'

/**
 * One coding-agent CLI. Pure: `command` says what to run, `read` says what came of it; the runner in run/agent-runner.ts
 * does both. Facts and traps of each CLI are measured, see docs/agents.md.
 */
export interface Agent {
  readonly id: AgentId
  /** Program names, in the order in which they are looked for on PATH. */
  readonly binaries: readonly string[]
  readonly promptVia: 'stdin' | 'argument' | 'file'
  readonly roles: readonly Role[]
  /** The CLI itself takes the writing tools away from a reviewer. */
  readonly reviewerIsReadOnly: boolean
  /** The agent can run the host's mark-status itself; a sandbox may forbid it, then we run it on the agent's word. */
  readonly reachesHost: boolean
  command(request: AgentRequest): AgentCommand
  read(output: AgentOutput): AgentReport
}

export interface AgentRequest {
  readonly role: Role
  /** Absolute path of the file that holds the prompt. */
  readonly promptFile: string
  /** The prompt itself, for `promptVia: 'argument'`. */
  readonly prompt: string
  readonly worktree: string
  /** Absolute path prefix for files of this attempt, beside its logs: `<prefix>.schema.json`, `<prefix>.last.txt`. */
  readonly filePrefix: string
  readonly settings: AgentSettings
}

/** From `agents.settings.<id>`; whatever was not configured is empty. */
export interface AgentSettings {
  readonly model: string | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface AgentCommand {
  /** Arguments after the program name; no shell is between us and the program. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Written (0600) before the start. */
  readonly files: readonly { readonly path: string; readonly content: string }[]
  /** A file the CLI writes its final message to; handed to `read` as `finalMessage`. */
  readonly finalMessageFile?: string
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
  /** The last MiB at most; the first line may be cut. */
  readonly stdout: string
  readonly stderr: string
  readonly finalMessage: string | null
}

export type AgentReport =
  | {
      readonly ok: true
      /** The agent's final message. */
      readonly text: string
      /** The CLI's own structured answer, where it has one; else the verdict is looked for in `text`. */
      readonly structured: unknown
      readonly usage: Usage | null
      readonly sessionId: string | null
    }
  | { readonly ok: false; readonly failure: Failure; readonly text: string; readonly usage: Usage | null }
