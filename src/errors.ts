/**
 * Exit codes of `sko`; README has the same table and every row a test on the built program.
 * The interrupted ones follow the shell's convention, 128 + signal number.
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
  /** One sentence: what is wrong. */
  readonly message: string
  /** What the user can do, best as a command to type. */
  readonly hint: string
}

/** Ends the run and can be explained: printed as one cause and one way out, never as a stack. */
export class OrchestratorError extends Error {
  readonly code: string
  readonly exitCode: ExitCode
  readonly hint: string

  constructor(init: OrchestratorErrorInit) {
    super(init.message)
    this.name = 'OrchestratorError'
    this.code = init.code
    this.exitCode = init.exitCode
    this.hint = init.hint
  }
}
