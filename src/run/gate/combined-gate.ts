import { hostFilesOf } from '../../core/judgement/coverage.ts'
import type { FinishProgress } from '../../core/mission/finish-progress.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import { type Checked, checkCombined } from './check-combined.ts'
import { conflictFeedback, failureFeedback } from './feedback.ts'
import { sendBack } from './send-back.ts'
import type { Gate, Together } from './together.ts'

/** The target is null when it is not known. */
type ToMerge = Pick<Together, 'located' | 'lanes'> & {
  readonly target: string | null
  readonly targetBranch: string | null
}

/**
 * Merges the target and all lanes in memory, and runs the `checks` on the result before the host is asked to merge. When
 * lanes conflict or are red together, the later WP goes back to work.
 */
export async function* combinedGate(
  run: RunContext,
  { target, targetBranch, ...asked }: ToMerge,
  progress: FinishProgress,
): GitWork<Gate> {
  const open: Gate = { kind: 'open', checked: null, progress }
  const { lanes } = asked
  if (target === null || lanes.length === 0) return open
  const together = { ...asked, target, targetBranch: targetBranch ?? 'the target' }
  const isHosts = hostFilesOf(run.mission)
  const heads = lanes.map(({ head }) => head)
  const combined = yield* need(run.ports.combining.combine(target, heads, isHosts))
  if (combined.kind === 'not-possible') {
    if (run.config.checks.run.length > 0) run.ports.report({ type: 'combined-unchecked', reason: combined.why })
    return open
  }
  if (combined.kind === 'conflict') {
    const feedback = yield* conflictFeedback(run, together, combined)
    const gate = await sendBack(run, together, combined.lane, feedback)
    // The host names the conflict as well, and refuses without moving the target.
    return gate.kind === 'sent-back' ? gate : open
  }
  if (run.config.checks.run.length === 0) return open
  const checked = yield* checkCombined(run, together, { whole: combined, progress })
  return yield* afterChecks(run, together, checked)
}

async function* afterChecks(run: RunContext, together: Together, checked: Checked): GitWork<Gate> {
  switch (checked.kind) {
    case 'green':
      return { kind: 'open', checked: checked.result, progress: checked.progress }
    case 'guilty': {
      const feedback = yield* failureFeedback(run, together, checked)
      return sendBack(run, together, checked.lane, feedback)
    }
    case 'interrupted':
      return closed(run, { command: resume, why: 'runs the checks on the combined result, then merges' }, null)
    case 'not-started':
      return closed(run, { command: resume, why: 'runs the checks again' }, checked.message)
    case 'target-red':
      return closed(
        run,
        { command: resume, why: 'merges once the checks pass on the target alone' },
        `the checks fail on ${together.targetBranch} without any of the lanes, in a fresh checkout: ${checked.log ?? ''}`,
      )
    case 'unclear':
      return closed(
        run,
        { command: resume, why: 'checks the combined result again' },
        `the checks fail on the combined result, but no two lanes explain it: more than two lanes are needed for it, or a check fails only now and then: ${checked.log ?? ''}`,
      )
  }
}

function closed(run: RunContext, next: NextCommand, message: string | null): Gate {
  if (message !== null) {
    run.ports.report({ type: 'not-merged', code: 'combined-check', message, target: 'untouched', next: [next] })
  }
  return { kind: 'closed', next: [{ ...next, why: message ?? next.why }] }
}
