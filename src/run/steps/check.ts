import type { Outcome, Step } from '../../core/work-package/step.ts'
import type { CheckResult, LaneWorktree, WorkPackage } from '../../core/work-package/work-package.ts'
import { asEvent } from '../attempts/have-back.ts'
import { type GitWork, inParallel, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import { leftAlone, unanswered } from './claim.ts'
import { ownedFilesCheck } from './files/owned-files.ts'
import { protectedFilesCheck } from './files/protected-files.ts'
import { hiddenFilesCheck } from './hidden-files.ts'
import { storedContentCheck } from './stored-content.ts'

/**
 * Runs all configured checks, one after the other, on the commit that would be reviewed, so that the agent gets all
 * failures at once. Their changes to the tree are put back, because the review is of the agent's work.
 */
export async function* check(
  wp: WorkPackage,
  step: Extract<Step, { kind: 'check' }>,
  run: RunContext,
): GitWork<Outcome> {
  const { worktree } = wp
  if (!worktree) throw new Error(`${wp.wpId} is to be checked before its worktree is known`)
  const [hidden = [], guarded = [], outside = [], stored = []] = yield* inParallel([
    hiddenFilesCheck(wp, run),
    protectedFilesCheck(wp, step.work, run),
    ownedFilesCheck(wp, step.work, run),
    storedContentCheck(wp, step.work, run),
  ])
  const owned = [...hidden, ...guarded, ...outside, ...stored]
  // Content in no commit would be put back before the checks, and the agent would not find it again.
  if (run.config.checks.run.length === 0 || stored.length > 0) return { kind: 'checked', results: owned }
  const { workspace, store } = run.ports
  const before = yield* need(workspace.inspect(worktree.path))
  if (before.kind === 'missing') return gone(worktree)
  const attempt = wp.record.attempts.findLast(({ role }) => role === 'implementation')
  const prefix = store.attemptFiles(wp.wpId, attempt ?? { role: 'implementation', cycle: wp.record.cycle, number: 0 })
  const at: Place = {
    head: before.branch === worktree.branch ? before.head : step.work.headCommit,
    branch: worktree.branch,
  }
  // Everything was committed, so what is here now came later, most likely from interrupted checks.
  yield* putBack(wp, at, null, `${prefix}.leftovers.patch`, run)
  const outcome = await runChecks(wp, worktree, prefix, run)
  const failed = outcome.kind === 'checked' && outcome.results.some(({ exitCode }) => exitCode !== 0)
  // Checked before their files are put back.
  const full = failed ? yield* need(workspace.whyNoRoom(worktree.path)) : null
  if (!(yield* putBack(wp, at, 'checks', `${prefix}.checks.patch`, run))) return gone(worktree)
  if (full !== null) return unanswered(`${full}, and checks failed`)
  return outcome.kind === 'checked' ? { ...outcome, results: [...owned, ...outcome.results] } : outcome
}

async function runChecks(wp: WorkPackage, worktree: LaneWorktree, prefix: string, run: RunContext) {
  const { wpId } = wp
  const results: CheckResult[] = []
  for (const [index, command] of run.config.checks.run.entries()) {
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

/** Returns false when the worktree is gone. */
async function* putBack(
  wp: WorkPackage,
  at: Place,
  during: 'checks' | null,
  patchFile: string,
  run: RunContext,
): GitWork<boolean> {
  const { workspace, report } = run.ports
  const { wpId } = wp
  const path = wp.worktree?.path ?? ''
  const now = yield* need(workspace.inspect(path))
  if (now.kind === 'missing') return false
  const hidden = yield* need(workspace.hiddenFiles(path))
  if (!now.dirty && hidden.length === 0 && now.head === at.head && now.branch === at.branch) return true
  const why = during === null ? 'its worktree was changed while nothing ran' : 'its checks changed files'
  const kept = yield* need(workspace.restore(path, at, { wpId, why, reason: 'put-back', patchFile }))
  report({ type: 'tree-put-back', during, ...asEvent(wpId, kept) })
  return true
}

function gone({ path }: LaneWorktree): Outcome {
  return leftAlone(`its lane worktree ${path} is gone`)
}
