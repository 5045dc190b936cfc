import type { Outcome, Step } from '../../core/work-package/step.ts'
import type { WorkPackage } from '../../core/work-package/work-package.ts'
import type { GitWork } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import { afterImplementation } from '../steps/implement.ts'
import { afterAdoptedReview } from '../steps/review.ts'

/** Processes the end of an attempt that an earlier process started like that of any attempt. */
export async function* adopt(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'adopt' }>,
  run: RunContext,
): GitWork<Outcome> {
  const adopted = run.adopted.get(wp.wpId)
  if (!adopted) throw new Error(`attempt ${step.attempt.number} of ${wp.wpId} is open, and no process has adopted it`)
  // The record may have changed since the adoption.
  const ended = { ...(await adopted.ended(run.stopping)), begun: wp.record }
  if (step.attempt.role === 'implementation') return afterImplementation(wp, ended, run)
  return yield* afterAdoptedReview(wp, ended, adopted.watched, run)
}
