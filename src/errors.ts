import type { NextCommand } from './core/next-command.ts'

/**
 * Exit codes of `sko`. README has the same table, and each row has a test with the built program. The interrupted ones
 * follow the shell's convention, 128 + signal number.
 */
export const exitCodes = {
  ok: 0,
  needsPerson: 1,
  usage: 2,
  host: 3,
  locked: 4,
  noAgent: 5,
  budget: 6,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface OrchestratorErrorInit {
  /** Stable kebab-case word for scripts and tests, e.g. `config-invalid`. */
  readonly code: string
  readonly exitCode: ExitCode
  /** One sentence that says what is wrong. */
  readonly message: string
  /** What the user can do, where that is no command. */
  readonly hint?: string
  /** Commands that do it, most likely first. */
  readonly next?: readonly NextCommand[]
}

/** Ends the run with an explanation: printed as one cause and one remedy, never as a stack trace. */
export class OrchestratorError extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  /** Empty: `next` says it. */
  readonly hint: string
  readonly next: readonly NextCommand[]

  constructor(init: OrchestratorErrorInit) {
    super(init.message)
    this.name = 'OrchestratorError'
    this.code = init.code
    this.exitCode = init.exitCode
    this.hint = init.hint ?? ''
    this.next = init.next ?? []
  }
}
