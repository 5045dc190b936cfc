import type { Outcome, Step } from '../../../core/work-package/step.ts'
import type { LaneWorktree, WorkPackage } from '../../../core/work-package/work-package.ts'
import { asEvent } from '../../attempts/have-back.ts'
import { type GitWork, inParallel, need } from '../../git/git-work.ts'
import type { RunContext } from '../../run-context.ts'
import { leftAlone, unanswered } from '../claim.ts'
import { ownedFilesCheck } from '../files/owned-files.ts'
import { protectedFilesCheck } from '../files/protected-files.ts'
import { hiddenFilesCheck } from '../hidden-files.ts'
import { storedContentCheck } from '../stored-content.ts'
import { baseChecks } from './base-checks.ts'
import { runChecks } from './run-checks.ts'

/**
 * Runs all configured checks on the commit that would be reviewed. Their changes to the tree are put back, because the
 * review is of the agent's work.
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
  const log = (number: number) => `${prefix}.check-${number}.log`
  const outcome = await runChecks(wp, { path: worktree.path, log }, run)
  const failed = outcome.kind === 'checked' && outcome.results.some(({ exitCode }) => exitCode !== 0)
  // Checked before their files are put back.
  const full = failed ? yield* need(workspace.whyNoRoom(worktree.path)) : null
  if (!(yield* putBack(wp, at, 'checks', `${prefix}.checks.patch`, run))) return gone(worktree)
  if (full !== null) return unanswered(`${full}, and checks failed`)
  if (outcome.kind !== 'checked') return outcome
  const results = [...owned, ...outcome.results]
  if (results.some(({ exitCode }) => exitCode !== 0)) return { kind: 'checked', results }
  const ofBase = yield* baseChecks(wp, { work: step.work, head: at.head, prefix }, run)
  return ofBase.kind === 'checked' ? { kind: 'checked', results: [...results, ...ofBase.results] } : ofBase
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
