import type { BaseFiles, CheckResult } from '../../../core/gate/check-result.ts'
import type { Outcome } from '../../../core/work-package/step.ts'
import type { WorkPackage } from '../../../core/work-package/work-package.ts'
import type { RunContext } from '../../run-context.ts'
import { leftAlone } from '../claim.ts'
import { eachCheck, type PlaceOfChecks } from './each-check.ts'

interface Place extends Omit<PlaceOfChecks, 'wpId'> {
  /** The files that are not those of the work; absent: all are. */
  readonly withBase?: BaseFiles
}

/** Runs the checks on the work of a WP, and reports the end of each. */
export async function runChecks(
  { wpId }: WorkPackage,
  { withBase, ...place }: Place,
  run: RunContext,
): Promise<Outcome> {
  const ran = await eachCheck(run, { ...place, wpId }, (ended, log) => {
    const result = withBase ? ofBase(ended.result, withBase) : ended.result
    const { command, exitCode, stopped } = result
    run.ports.report({
      type: 'check-ended',
      wpId,
      command,
      exitCode,
      ...(stopped === undefined ? {} : { stopped }),
      elapsedMs: Math.round(ended.elapsedMs),
      log,
    })
    return result
  })
  if (ran.kind === 'not-started') return leftAlone(ran.message)
  return ran.kind === 'ended' ? { kind: 'checked', results: ran.results } : ran
}

function ofBase(result: CheckResult, withBase: BaseFiles): CheckResult {
  return { ...result, command: `${result.command} (with the protected files of the base)`, withBase }
}
