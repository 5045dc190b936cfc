import type { CheckResult } from '../../core/gate/check-result.ts'
import type { RunContext } from '../run-context.ts'

export type RanChecks =
  | { readonly kind: 'ended'; readonly results: readonly CheckResult[] }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'not-started'; readonly message: string }

/** Runs all `checks` on the combined files, one after the other, so that an agent is given all that fail. */
export async function runCombinedChecks(run: RunContext, path: string, tree: string): Promise<RanChecks> {
  const prefix = run.ports.store.combinedFiles(tree)
  const results: CheckResult[] = []
  for (const [index, command] of run.config.checks.run.entries()) {
    const logFile = `${prefix}.check-${index + 1}.log`
    const timeoutSeconds = run.config.agents.timeout_seconds
    const request = { wpId: null, command, worktree: path, logFile, timeoutSeconds }
    const outcome = await run.ports.runCheck(request, run.stopping)
    if (outcome.kind === 'interrupted') return outcome
    if (outcome.kind === 'not-started') {
      return { ...outcome, message: `check ${index + 1} could not be started: ${outcome.message}` }
    }
    results.push(outcome.result)
  }
  return { kind: 'ended', results }
}
