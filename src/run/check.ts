import type { Outcome, Step } from '../core/step.ts'
import type { CheckResult, WorkPackage } from '../core/work-package.ts'
import { leftAlone, salvage } from './claim.ts'
import { ownedFilesCheck } from './owned-files.ts'
import type { RunContext } from './run-context.ts'

/**
 * The configured checks, one after the other, on the commit that would be reviewed; all of them, so that the agent hears
 * of everything at once. What they change in the tree is put back: the review is of the agent's work.
 */
export async function check(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'check' }>,
  run: RunContext,
): Promise<Outcome> {
  const { worktree } = wp
  if (!worktree) throw new Error(`${wp.wpId} is to be checked before its worktree is known`)
  const { runCheck, store, workspace, report } = run.ports
  const attempt = wp.record.attempts.findLast(({ role }) => role === 'implementation')
  const prefix = store.attemptFiles(wp.wpId, attempt ?? { role: 'implementation', cycle: wp.record.cycle, number: 0 })
  const results: CheckResult[] = await ownedFilesCheck(wp, step.work, run)
  if (run.config.checks.length === 0) return { kind: 'checked', results }
  const before = await workspace.inspect(worktree.path)
  if (before.kind === 'missing') return leftAlone(`its lane worktree ${worktree.path} is gone`)
  // Somebody's edit since the commit: the review would be of it too, and a restore would take it away.
  const head = before.dirty ? await salvage(wp, worktree.path, run) : before.head
  for (const [index, command] of run.config.checks.entries()) {
    const logFile = `${prefix}.check-${index + 1}.log`
    const timeoutSeconds = run.config.agents.timeout_seconds
    const request = { wpId: wp.wpId, command, worktree: worktree.path, logFile, timeoutSeconds }
    const { result, interrupted, elapsedMs } = await runCheck(request, run.stopping)
    if (interrupted) return { kind: 'interrupted' }
    const { exitCode } = result
    report({ type: 'check-ended', wpId: wp.wpId, command, exitCode, elapsedMs: Math.round(elapsedMs), log: logFile })
    results.push(result)
  }
  const after = await workspace.inspect(worktree.path)
  if (after.kind === 'missing') return leftAlone(`its lane worktree ${worktree.path} is gone`)
  const at = { head, branch: before.branch }
  if (after.dirty || after.head !== at.head || after.branch !== at.branch) {
    await workspace.restore(worktree.path, at, `${prefix}.checks.patch`)
  }
  return { kind: 'checked', results }
}
