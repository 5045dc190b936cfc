import type { BaseFiles, CheckResult } from '../../../core/gate/check-result.ts'
import type { Outcome } from '../../../core/work-package/step.ts'
import type { WorkPackage } from '../../../core/work-package/work-package.ts'
import type { RunContext } from '../../run-context.ts'
import { leftAlone } from '../claim.ts'

interface Place {
  readonly path: string
  /** Path of the log of each check. */
  readonly log: (number: number) => string
  /** The files that are not those of the work; absent: all are. */
  readonly withBase?: BaseFiles
}

/** Runs all `checks` of the configuration, one after the other, so that the agent gets all failures at once. */
export async function runChecks(
  { wpId }: WorkPackage,
  { path, log, withBase }: Place,
  run: RunContext,
): Promise<Outcome> {
  const results: CheckResult[] = []
  const timeoutSeconds = run.config.agents.timeout_seconds
  for (const [index, command] of run.config.checks.run.entries()) {
    const logFile = log(index + 1)
    const request = { wpId, command, worktree: path, logFile, timeoutSeconds }
    const outcome = await run.ports.runCheck(request, run.stopping)
    if (outcome.kind === 'interrupted') return outcome
    if (outcome.kind === 'not-started') return leftAlone(`check ${index + 1} could not be started: ${outcome.message}`)
    const result = withBase ? ofBase(outcome.result, withBase) : outcome.result
    const { exitCode, stopped } = result
    run.ports.report({
      type: 'check-ended',
      wpId,
      command: result.command,
      exitCode,
      ...(stopped === undefined ? {} : { stopped }),
      elapsedMs: Math.round(outcome.elapsedMs),
      log: logFile,
    })
    results.push(result)
  }
  return { kind: 'checked', results }
}

function ofBase(result: CheckResult, withBase: BaseFiles): CheckResult {
  return { ...result, command: `${result.command} (with the protected files of the base)`, withBase }
}
