import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'

export interface CheckResult {
  readonly check: string
  /** True with a hint: a warning. */
  readonly ok: boolean
  readonly detail: string
  readonly hint: string | null
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
        results.push({ check: name, ok: true, detail: say(value), hint: null })
        return value
      } catch (error) {
        if (!(error instanceof OrchestratorError)) throw error
        results.push({ check: name, ok: false, detail: error.message, hint: error.hint })
        codes.push(error.exitCode)
        return null
      }
    },
  }
}

export function checkLines(results: readonly CheckResult[]): string[] {
  return results.map(
    ({ check, ok, detail, hint }) =>
      `${ok ? (hint ? 'warn' : 'ok  ') : 'FAIL'} ${check}: ${detail}${hint ? `\n       ${hint}` : ''}`,
  )
}

export function warn(check: string, detail: string, hint: string): CheckResult {
  return { check, ok: true, detail, hint }
}
