import { quote } from '../../core/text.ts'
import type { LaneWorktree } from '../../core/work-package/work-package.ts'
import { GitError } from '../git-error.ts'
import { isCoord, type Located } from '../mission/located.ts'
import type { MergeWay } from '../mission/main-checkout.ts'
import type { RunContext } from '../run-context.ts'
import { worksOf } from './merged.ts'

/** Why a merge is not possible. The host merges whatever is on the lane branches and checks none of this. */
export async function whyNot(
  run: RunContext,
  located: readonly Located[],
  strategy: MergeWay['strategy'],
): Promise<string | null> {
  const { mainCheckout } = run.ports
  const unknown = located.find(({ silence }) => silence !== null)
  if (unknown) {
    return `sko resume   (the host does not say where the lane worktree of ${unknown.standing.node.wpId} is, so sko could not check it: ${unknown.silence})`
  }
  const target = located.flatMap(({ worktree }) => worktree?.baseRef ?? [])[0]
  const branch = await mainCheckout.branch()
  if (target && !isCoord(located) && branch !== target) {
    return `${await mainCheckout.switchCommand(target)} && sko resume   (the main checkout is ${branch ? `on ${branch}` : 'detached'}: the host would merge and then fail)`
  }
  const lanes = [...new Set(located.flatMap(({ worktree }) => worktree?.branch ?? []))]
  const inTheWay = await mainCheckout.whyNotMerge({ coord: isCoord(located), strategy, lanes })
  if (inTheWay) return inTheWay
  for (const { worktree } of located) {
    const problem = worktree && (await whyNotLane(run, worktree, located).catch(error => unworkable(error, worktree)))
    if (problem) return problem
  }
  return null
}

function unworkable(error: unknown, { branch }: LaneWorktree): string {
  if (!(error instanceof GitError)) throw error
  const cure = error.cureOn(branch)
  if (cure !== null) return `${cure} && sko resume   (${error.message})`
  return `repair a lane worktree, then: sko resume   (${error.message})`
}

/** The merged content must be the approved content: nothing uncommitted, and every approved commit still there. */
async function whyNotLane(run: RunContext, lane: LaneWorktree, located: readonly Located[]): Promise<string | null> {
  const { workspace, commits } = run.ports
  const state = await workspace.inspect(lane.path)
  if (state.kind === 'missing') return null
  if (state.dirty)
    return `commit or remove what is uncommitted in ${lane.path} (a merge would drop it), then: sko resume`
  const link = await danglingLink(run, lane, state.head)
  if (link) return link
  const head = await commits.resolve(`refs/heads/${lane.branch}`)
  const inLane = located.filter(({ worktree }) => worktree?.path === lane.path)
  const works = worksOf(
    run,
    inLane.map(({ standing }) => standing),
  )
  for (const [wpId, commit] of Object.entries(works)) {
    if (head === null || (await commits.isAncestor(commit, head))) continue
    return `git -C ${lane.path} merge ${commit} && sko resume   (${wpId} was approved at ${commit.slice(0, 10)}, and ${lane.branch} no longer has it)`
  }
  return null
}

/** The target of a link is not merged with it, and is removed with the lane worktree. */
async function danglingLink(run: RunContext, lane: LaneWorktree, head: string): Promise<string | null> {
  const { workspace } = run.ports
  const base = lane.baseRef ? await workspace.mergeBase(lane.path, lane.baseRef) : null
  const [link] = base === null ? [] : await workspace.danglingLinks(lane.path, base, head)
  if (!link) return null
  return `commit what ${quote(link.path)} holds in ${lane.path}, and have it reviewed, then: sko resume   (it ${link.why})`
}
