import { type NextCommand, wayOut } from '../../core/next-command.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'

export interface CheckResult {
  readonly check: string
  /** True with a hint or a next command: a warning. */
  readonly ok: boolean
  readonly detail: string
  /** What can be done about it, where that is no command. */
  readonly hint: string | null
  readonly next: readonly NextCommand[]
}

export interface Checks {
  readonly results: readonly CheckResult[]
  /** Exit code of the first check that failed; a run would end with the same one. */
  exitCode(): ExitCode
  /** Runs one check. Returns its value, or null when it failed. Errors other than `OrchestratorError` are rethrown. */
  check<T>(name: string, run: () => Promise<T> | T, say: (value: T) => string): Promise<T | null>
  add(result: CheckResult): void
}

/** Runs a check, and may replace the hint of its error. */
type Around = <T>(run: () => Promise<T>) => Promise<T>

export function createChecks(around: Around = run => run()): Checks {
  const results: CheckResult[] = []
  const codes: ExitCode[] = []
  return {
    results,
    exitCode: () => codes[0] ?? exitCodes.ok,
    add(result) {
      results.push(result)
      if (!result.ok) codes.push(exitCodes.needsPerson)
    },
    async check(name, run, say) {
      try {
        const value = await around(async () => run())
        results.push({ check: name, ok: true, detail: say(value), hint: null, next: [] })
        return value
      } catch (error) {
        if (!(error instanceof OrchestratorError)) throw error
        const { message: detail, hint, next } = error
        results.push({ check: name, ok: false, detail, hint: hint || null, next })
        codes.push(error.exitCode)
        return null
      }
    },
  }
}

export function checkLines(results: readonly CheckResult[]): string[] {
  return results.map(({ check, ok, detail, hint, next }) => {
    const below = wayOut(hint, next)
    const verdict = ok ? (below.length > 0 ? 'warn' : 'ok  ') : 'FAIL'
    return [`${verdict} ${check}: ${detail}`, ...below.map(line => `       ${line}`)].join('\n')
  })
}

export function warn(check: string, detail: string, next: readonly NextCommand[]): CheckResult {
  return { check, ok: true, detail, hint: null, next }
}
