import type { Outcome, Step } from '../core/step.ts'
import type { CheckResult, LaneWorktree, WorkPackage } from '../core/work-package.ts'
import { leftAlone } from './claim.ts'
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
  const owned = await ownedFilesCheck(wp, step.work, run)
  if (run.config.checks.length === 0) return { kind: 'checked', results: owned }
  const { workspace, store } = run.ports
  const before = await workspace.inspect(worktree.path)
  if (before.kind === 'missing') return gone(worktree)
  const attempt = wp.record.attempts.findLast(({ role }) => role === 'implementation')
  const prefix = store.attemptFiles(wp.wpId, attempt ?? { role: 'implementation', cycle: wp.record.cycle, number: 0 })
  const at: Place = {
    head: before.branch === worktree.branch ? before.head : step.work.headCommit,
    branch: worktree.branch,
  }
  // The commit was of everything: what is there now came later, most likely from checks that were cut short.
  await putBack(wp, at, `${prefix}.leftovers.patch`, run)
  const outcome = await runChecks(wp, worktree, prefix, run)
  if (!(await putBack(wp, at, `${prefix}.checks.patch`, run))) return gone(worktree)
  return outcome.kind === 'checked' ? { ...outcome, results: [...owned, ...outcome.results] } : outcome
}

async function runChecks(wp: WorkPackage, worktree: LaneWorktree, prefix: string, run: RunContext) {
  const { wpId } = wp
  const results: CheckResult[] = []
  for (const [index, command] of run.config.checks.entries()) {
    const logFile = `${prefix}.check-${index + 1}.log`
    const timeoutSeconds = run.config.agents.timeout_seconds
    const request = { wpId, command, worktree: worktree.path, logFile, timeoutSeconds }
    const outcome = await run.ports.runCheck(request, run.stopping)
    if (outcome.kind === 'interrupted') return outcome
    if (outcome.kind === 'not-started') return leftAlone(`check ${index + 1} could not be started: ${outcome.message}`)
    const { result, elapsedMs } = outcome
    const { exitCode, stopped } = result
    run.ports.report({
      type: 'check-ended',
      wpId,
      command: result.command,
      exitCode,
      ...(stopped === undefined ? {} : { stopped }),
      elapsedMs: Math.round(elapsedMs),
      log: logFile,
    })
    results.push(result)
  }
  return { kind: 'checked', results } as const
}

interface Place {
  readonly head: string
  readonly branch: string
}

/** False: there is no worktree any more. */
async function putBack(wp: WorkPackage, at: Place, patch: string, run: RunContext): Promise<boolean> {
  const { workspace, report } = run.ports
  const path = wp.worktree?.path ?? ''
  const now = await workspace.inspect(path)
  if (now.kind === 'missing') return false
  if (!now.dirty && now.head === at.head && now.branch === at.branch) return true
  await workspace.restore(path, at, patch)
  report({
    type: 'warning',
    message: `${wp.wpId}: its worktree was changed by the checks, or while none ran; put back, the change is kept in ${patch}`,
    hint: 'a check should leave nothing behind that git does not ignore',
  })
  return true
}

function gone({ path }: LaneWorktree): Outcome {
  return leftAlone(`its lane worktree ${path} is gone`)
}
