import type { OtherWork } from '../../core/gate/other-work.ts'
import { hostFilesOf } from '../../core/judgement/coverage.ts'
import type { MergedLane } from '../../core/mission/finish-progress.ts'
import type { CombinedFeedback } from '../../core/work-package/work-package.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import type { Guilty } from './check-combined.ts'
import type { Combined } from './combining.ts'
import type { Together } from './together.ts'

/** With which earlier lanes, or with what on the target, the lane conflicts. */
export async function* conflictFeedback(
  run: RunContext,
  { lanes, target, targetBranch }: Together,
  { lane, files }: Extract<Combined, { kind: 'conflict' }>,
): GitWork<CombinedFeedback> {
  const isHosts = hostFilesOf(run.mission)
  const head = lanes[lane]?.head ?? ''
  const before: readonly OtherWork[] = [
    { commit: target, branch: targetBranch, wpIds: [] },
    ...lanes.slice(0, lane).map(workOf),
  ]
  const others: OtherWork[] = []
  for (const other of before) {
    if ((yield* need(run.ports.combining.conflicts(other.commit, head, isHosts))).length > 0) others.push(other)
  }
  return { kind: 'combined', others: others.length > 0 ? others : before, conflicts: files, results: [] }
}

/** What the lane has to be merged with for the checks to fail in its worktree. */
export async function* failureFeedback(
  run: RunContext,
  { lanes, target, targetBranch }: Together,
  { lane, beside, result }: Guilty,
): GitWork<CombinedFeedback> {
  const { combining } = run.ports
  const isHosts = hostFilesOf(run.mission)
  const head = lanes[lane]?.head ?? ''
  const partner = beside === null ? undefined : lanes[beside]
  const heads = partner ? [partner.head] : []
  const without = yield* need(combining.combine(head, heads, isHosts))
  const withTarget = yield* need(combining.combine(target, [...heads, head], isHosts))
  const targetCounts =
    without.kind !== 'merged' ||
    withTarget.kind !== 'merged' ||
    (yield* need(combining.difference(without.tree, withTarget.tree, isPlan))).length > 0
  return {
    kind: 'combined',
    others: [
      ...(partner ? [workOf(partner)] : []),
      ...(targetCounts ? [{ commit: target, branch: targetBranch, wpIds: [] }] : []),
    ],
    conflicts: [],
    results: result.results.filter(({ exitCode }) => exitCode !== 0),
  }
}

function workOf({ head, branch, wpIds }: MergedLane): OtherWork {
  return { commit: head, branch, wpIds }
}

/** What the host writes and plans: the target always has more of it, and no check fails for it. */
function isPlan(path: string): boolean {
  return path.startsWith('kitty-specs/') || path.startsWith('.kittify/')
}
