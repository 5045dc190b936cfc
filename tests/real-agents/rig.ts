import type { AgentId } from '../../src/core/ids.ts'
import type { AgentSettings } from '../../src/run/attempts/agent.ts'

/** How one real CLI is made to talk to a mock model server, and how its model calls tools. */
export interface Rig {
  readonly agent: AgentId
  readonly dialect: Dialect
  /**
   * Prepares a private, empty home folder; `baseUrl` is the mock's address for this run (`http://127.0.0.1:PORT/<run>`),
   * to which the dialect's own paths (`/v1/messages`, `/v1/chat/completions`, `/v1beta/models/…`) are appended.
   */
  prepare(home: string, baseUrl: string): Promise<Prepared>
  /** Runs a shell command in the worktree. */
  shell(command: string): ToolCall
  /** Writes a file, with the tool a reviewer would have to misuse. */
  write(absolutePath: string, content: string): ToolCall
  /** `<platform>-<architecture>`: its package exists for that one only; elsewhere none of its cases can be shown. */
  readonly onlyOn?: string
  /** Case -> why it cannot be shown with this CLI. */
  readonly notApplicable?: Partial<Record<CaseName, string>>
  /** Case -> why the CLI does not give up in reasonable time by itself: there one of our limits is expected to end it. */
  readonly endedByOurLimit?: Partial<Record<CaseName, string>>
  /** It tells its session at the end only: there is none to resume after a stop. */
  readonly namesSessionLast?: true
  /** Longer than this without output or processor time it is stuck; slow starters need more than the default. */
  readonly inactivitySeconds?: number
}

export interface Prepared {
  readonly env: Readonly<Record<string, string>>
  readonly settings?: Partial<AgentSettings>
}

export type Dialect = 'anthropic' | 'openai-responses' | 'openai-chat' | 'gemini' | 'augment'

export interface ToolCall {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
}

export const caseNames = [
  'implementation commits',
  'implementation leaves work uncommitted',
  'implementation resumes',
  'review approved',
  'review rejected',
  'reviewer tries to write',
  '429',
  '401',
  '500',
  'reply cut off',
  'server never answers',
  'stopped during a tool',
  'timed out during a tool',
] as const

export type CaseName = (typeof caseNames)[number]
