import { hostFilesOf } from '../../core/judgement/coverage.ts'
import { approvedCommit } from '../../core/judgement/vouching.ts'
import type { FinishProgress, MergeOf, Works } from '../../core/mission/finish-progress.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { WpResult } from '../mission/wp-result.ts'
import type { RunContext } from '../run-context.ts'
import { type UncoveredCommit, uncoveredCommits } from './coverage.ts'

/** The work that a merge or an acceptance would cover now. */
export function worksOf(run: RunContext, wpResults: readonly WpResult[]): Works {
  const given = run.ports.store.start()?.given ?? {}
  const works = wpResults.flatMap(({ node, record }) => {
    const commit = approvedCommit(record) ?? given[node.wpId] ?? null
    return commit === null ? [] : [[node.wpId, commit] as const]
  })
  return Object.fromEntries(works)
}

export function sameWorks(a: Works, b: Works): boolean {
  const ids = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...ids].every(id => a[id] === b[id])
}

/** Whether the merged work is still all the work. */
export async function isStillMerged(
  run: RunContext,
  wpResults: readonly WpResult[],
  { merged, mergeOf }: FinishProgress,
): Promise<boolean> {
  if (!merged) return false
  if (mergeOf) return sameWorks(mergeOf.works, worksOf(run, wpResults))
  // Older versions did not save what they merged. After every merge the lane branches are gone.
  const branches = wpResults.flatMap(({ record }) => record.laneBranch ?? [])
  const heads = await Promise.all(branches.map(branch => run.ports.commits.resolve(`refs/heads/${branch}`)))
  return heads.every(head => head === null)
}

/** Whether the target has the work: by commit or, after a squash or a rebase, by file. */
export async function* hasArrived(
  run: RunContext,
  { works, before, lanes }: MergeOf,
  target: string,
): GitWork<boolean> {
  const { commits } = run.ports
  const there = await Promise.all(Object.values(works).map(commit => commits.isAncestor(commit, target)))
  if (there.every(Boolean)) return true
  return yield* isSquashOf(run, { before, lanes }, target)
}

/** Commits that the merge added to the target and that no judgement covers. */
export async function* uncoveredByMerge(
  run: RunContext,
  { before, lanes }: MergeOf,
  after: string,
): GitWork<readonly UncoveredCommit[]> {
  const found = yield* uncoveredCommits(run, run.ports.store.records(), { tips: [after], lanes, target: before })
  // The lanes were checked before. A target whose files are exactly what the lanes make of it has nothing else.
  return found.length > 0 && (yield* isSquashOf(run, { before, lanes }, after)) ? [] : found
}

async function* isSquashOf(
  run: RunContext,
  { before, lanes }: Pick<MergeOf, 'before' | 'lanes'>,
  after: string,
): GitWork<boolean> {
  if (before === null || before === after) return false
  const heads = lanes.map(({ head }) => head)
  const known = yield* need(run.ports.commits.existing([before, ...heads]))
  if (known.length < new Set([before, ...heads]).size) return false
  const isHosts = hostFilesOf(run.mission)
  const made = { before, after, lanes: heads }
  return (yield* need(run.ports.commits.squashDifference(made, isHosts))).length === 0
}
