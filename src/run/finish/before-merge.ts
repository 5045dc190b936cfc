import { andResume, type NextCommand, resume } from '../../core/next-command.ts'
import { quote, shellWord } from '../../core/text.ts'
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
): Promise<NextCommand | null> {
  const { mainCheckout } = run.ports
  const unknown = located.find(({ silence }) => silence !== null)
  if (unknown) {
    const { wpId } = unknown.standing.node
    const why = `the host does not say where the lane worktree of ${wpId} is, so sko could not check it: ${unknown.silence}`
    return { command: resume, why }
  }
  const target = located.flatMap(({ worktree }) => worktree?.baseRef ?? [])[0]
  const branch = await mainCheckout.branch()
  if (target && !isCoord(located) && branch !== target) {
    const where = branch ? `on ${branch}` : 'detached'
    const why = `the main checkout is ${where}: the host would merge and then fail`
    return andResume(await mainCheckout.switchCommand(target), why)
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

function unworkable(error: unknown, { path, branch }: LaneWorktree): NextCommand {
  if (!(error instanceof GitError)) throw error
  const cure = error.cureOn(branch)
  if (cure !== null) return andResume(cure, error.message)
  return { command: resume, why: `repair ${path} first: ${error.message}` }
}

/** The merged content must be the approved content: nothing uncommitted, and every approved commit still there. */
async function whyNotLane(
  run: RunContext,
  lane: LaneWorktree,
  located: readonly Located[],
): Promise<NextCommand | null> {
  const { workspace, commits } = run.ports
  const state = await workspace.inspect(lane.path)
  if (state.kind === 'missing') return null
  if (state.dirty) {
    const why = `commit or remove what is uncommitted in ${lane.path} first: a merge would drop it`
    return { command: resume, why }
  }
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
    const why = `${wpId} was approved at ${commit.slice(0, 10)}, and ${lane.branch} no longer has it`
    return andResume(`git -C ${shellWord(lane.path)} merge ${commit}`, why)
  }
  return null
}

/** The target of a link is not merged with it, and is removed with the lane worktree. */
async function danglingLink(run: RunContext, lane: LaneWorktree, head: string): Promise<NextCommand | null> {
  const { workspace } = run.ports
  const base = lane.baseRef ? await workspace.mergeBase(lane.path, lane.baseRef) : null
  const [link] = base === null ? [] : await workspace.danglingLinks(lane.path, base, head)
  if (!link) return null
  const first = `commit what ${quote(link.path)} holds in ${lane.path} and have it reviewed first`
  return { command: resume, why: `${first}: it ${link.why}` }
}
