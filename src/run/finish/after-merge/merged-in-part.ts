import type { FinishProgress, MergedLane } from '../../../core/mission/finish-progress.ts'
import { andResume, type NextCommand } from '../../../core/next-command.ts'
import { shellName } from '../../../core/text.ts'
import type { RunContext } from '../../run-context.ts'

/**
 * The host merges a mission once: it then removes the lane branches, and refuses to merge those that are left. Work that
 * came after this run's merge is merged with git. null: the missing lanes were not merged by this run.
 */
export async function howToMergeTheRest(
  run: RunContext,
  { lanes, gone }: { readonly lanes: readonly MergedLane[]; readonly gone: readonly Pick<MergedLane, 'branch'>[] },
  { merged, mergeOf }: Pick<FinishProgress, 'merged' | 'mergeOf'>,
): Promise<NextCommand | null> {
  const { commits } = run.ports
  const known = new Set(mergeOf?.lanes.map(({ branch }) => branch))
  const after = mergeOf?.after ?? null
  if (!merged || after === null || !gone.every(({ branch }) => known.has(branch))) return null
  const target = await commits.resolve('HEAD')
  if (target === null || !(await commits.isAncestor(after, target))) return null
  const isThere = await Promise.all(lanes.map(({ head }) => commits.isAncestor(head, target)))
  const merges = lanes.flatMap(({ branch }, n) => (isThere[n] ? [] : [`git merge --no-edit ${shellName(branch)}`]))
  if (merges.length === 0) return null
  return andResume(merges.join(' && '), 'the host merges a mission once, and this work was approved after that')
}
