import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { quote, shellWord } from '../../core/text.ts'
import type { LaneWorktree } from '../../core/work-package/work-package.ts'
import { type GitWork, need, outcomeOf } from '../git/git-work.ts'
import { isCoord, type Located } from '../mission/located.ts'
import type { MergeWay } from '../mission/main-checkout.ts'
import type { RunContext } from '../run-context.ts'
import { worksOf } from './merged.ts'

/** Why a merge is not possible. The host merges whatever is on the lane branches and checks none of this. */
export async function* whyNot(
  run: RunContext,
  located: readonly Located[],
  strategy: MergeWay['strategy'],
): GitWork<NextCommand | null> {
  const { mainCheckout } = run.ports
  const unknown = located.find(({ silence }) => silence !== null)
  if (unknown) {
    const { wpId } = unknown.wpResult.node
    const why = `the host does not say where the lane worktree of ${wpId} is, so sko could not check it: ${unknown.silence}`
    return { command: resume, why }
  }
  const target = located.flatMap(({ worktree }) => worktree?.baseRef ?? [])[0]
  const branch = isCoord(located) ? target : await mainCheckout.branch()
  if (target && branch !== target) {
    const where = branch ? `on ${branch}` : 'detached'
    const why = `the main checkout is ${where}: the host would merge and then fail`
    return andResume(yield* need(mainCheckout.switchCommand(target)), why)
  }
  const lanes = [...new Set(located.flatMap(({ worktree }) => worktree?.branch ?? []))]
  const inTheWay = yield* need(mainCheckout.whyNotMerge({ coord: isCoord(located), strategy, lanes }))
  if (inTheWay) return inTheWay
  for (const { worktree } of located) {
    const problem = worktree && (await whyNotWorktree(run, worktree, located))
    if (problem) return problem
  }
  return null
}

/** The same for a worktree in which git cannot work: its repair. */
async function whyNotWorktree(
  run: RunContext,
  worktree: LaneWorktree,
  located: readonly Located[],
): Promise<NextCommand | null> {
  const found = await outcomeOf(whyNotLane(run, worktree, located))
  if (found.ok) return found.data
  const { path, branch } = worktree
  const cure = found.cureOn(branch)
  if (cure !== null) return andResume(cure, found.message)
  return { command: resume, why: `repair ${path} first: ${found.message}` }
}

/** The merged content must be the approved content: nothing uncommitted, and every approved commit still there. */
async function* whyNotLane(
  run: RunContext,
  lane: LaneWorktree,
  located: readonly Located[],
): GitWork<NextCommand | null> {
  const { workspace, commits } = run.ports
  const state = yield* need(workspace.inspect(lane.path))
  if (state.kind === 'missing') return null
  if (state.dirty) {
    const why = `commit or remove what is uncommitted in ${lane.path} first: a merge would drop it`
    return { command: resume, why }
  }
  const link = yield* danglingLink(run, lane, state.head)
  if (link) return link
  const head = state.branch === lane.branch ? state.head : await commits.resolve(`refs/heads/${lane.branch}`)
  const inLane = located.filter(({ worktree }) => worktree?.path === lane.path)
  const works = worksOf(
    run,
    inLane.map(({ wpResult }) => wpResult),
  )
  for (const [wpId, commit] of Object.entries(works)) {
    if (head === null || head === commit || (await commits.isAncestor(commit, head))) continue
    const why = `${wpId} was approved at ${commit.slice(0, 10)}, and ${lane.branch} no longer has it`
    return andResume(`git -C ${shellWord(lane.path)} merge ${commit}`, why)
  }
  return null
}

/** The target of a link is not merged with it, and is removed with the lane worktree. */
async function* danglingLink(run: RunContext, lane: LaneWorktree, head: string): GitWork<NextCommand | null> {
  const { workspace } = run.ports
  const base = lane.baseRef ? yield* need(workspace.mergeBase(lane.path, lane.baseRef)) : null
  const [link] = base === null ? [] : yield* need(workspace.danglingLinks(lane.path, base, head))
  if (!link) return null
  const first = `commit what ${quote(link.path)} holds in ${lane.path} and have it reviewed first`
  return { command: resume, why: `${first}: it ${link.why}` }
}
