import type { CheckResult } from '../../../core/gate/check-result.ts'
import type { WpId } from '../../../core/ids.ts'
import type { CheckOutcome } from '../../ports.ts'
import type { RunContext } from '../../run-context.ts'

export interface PlaceOfChecks {
  /** null: they run on all lanes together. */
  readonly wpId: WpId | null
  readonly path: string
  /** Path of the log of each check. */
  readonly log: (number: number) => string
}

export type RanChecks =
  | { readonly kind: 'ended'; readonly results: readonly CheckResult[] }
  | Exclude<CheckOutcome, { readonly kind: 'ended' }>

type Ended = Extract<CheckOutcome, { readonly kind: 'ended' }>

/** Runs all `checks` of the configuration, one after the other, so that an agent is given all that fail. */
export async function eachCheck(
  run: RunContext,
  { wpId, path, log }: PlaceOfChecks,
  resultOf: (ended: Ended, logFile: string) => CheckResult,
): Promise<RanChecks> {
  const results: CheckResult[] = []
  const timeoutSeconds = run.config.agents.timeout_seconds
  for (const [index, command] of run.config.checks.run.entries()) {
    const logFile = log(index + 1)
    const outcome = await run.ports.runCheck({ wpId, command, worktree: path, logFile, timeoutSeconds }, run.stopping)
    if (outcome.kind === 'interrupted') return outcome
    if (outcome.kind === 'not-started') {
      return { ...outcome, message: `check ${index + 1} could not be started: ${outcome.message}` }
    }
    results.push(resultOf(outcome, logFile))
  }
  return { kind: 'ended', results }
}
