import type { WpId } from '../core/ids.ts'
import { quote } from '../core/text.ts'
import type { LaneWorktree } from '../core/work-package.ts'
import { GitError } from '../git/git.ts'
import type { HostFailure } from '../host/outcome.ts'
import type { FinishProgress } from '../state/schema.ts'
import { laneWorktree } from './claim.ts'
import { endRunIfHopeless, faultPausesMs, isFault } from './mutate.ts'
import type { RunContext } from './run-context.ts'
import type { Standing } from './standing.ts'

export type Merge =
  | { readonly kind: 'merged' }
  | { readonly kind: 'not-asked' }
  /** `next`: what a person does about it. */
  | { readonly kind: 'not-possible'; readonly next: string }

/** What must be known of the main checkout before a merge; nothing is changed in it. */
export interface MainCheckout {
  branch(): Promise<string | null>
  /** What a person must do there first, as a command and its reason; null: nothing, and what a merge drops is kept. */
  whyNotMerge(how: MergeWay): Promise<string | null>
}

export interface MergeWay {
  readonly coord: boolean
  readonly strategy: 'merge' | 'squash' | 'rebase'
}

/** A standing with its lane worktree, asked from the host where this run did not meet it. */
export interface Located {
  readonly standing: Standing
  readonly worktree: LaneWorktree | null
  /** Why it is not known whether it has one; null: the host has answered. */
  readonly silence: string | null
}

export async function locate(run: RunContext, standings: readonly Standing[]): Promise<readonly Located[]> {
  return Promise.all(
    standings.map(async standing => {
      if (standing.worktree) return { standing, worktree: standing.worktree, silence: null }
      const answer = await askForWorktree(run, standing.node.wpId)
      if (answer.ok) return { standing, worktree: laneWorktree(answer.data), silence: null }
      return { standing, worktree: null, silence: isFault(answer.code) ? answer.message : null }
    }),
  )
}

async function askForWorktree(run: RunContext, wpId: WpId) {
  const ask = () => run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  let answer = await ask()
  for (const pause of faultPausesMs) {
    if (answer.ok || !isFault(answer.code) || run.stopping.aborted) break
    await run.ports.clock.sleep(pause, run.stopping)
    answer = await ask()
  }
  return answer
}

/** In coord topology the lanes grow from the mission's own branch, else from the target branch. */
export function isCoord(located: readonly Located[]): boolean {
  return located.some(({ worktree }) => worktree?.baseRef?.startsWith('kitty/') ?? false)
}

export async function mergeIfAsked(
  run: RunContext,
  located: readonly Located[],
  progress: FinishProgress,
  mainCheckout: MainCheckout,
): Promise<Merge> {
  const strategy = run.config.finish.merge
  if (!strategy) return { kind: 'not-asked' }
  const problem = await whyNot(run, located, mainCheckout, strategy)
  if (problem) return { kind: 'not-possible', next: problem }
  if (run.stopping.aborted) return { kind: 'not-possible', next: 'sko resume' }
  await run.ports.store.saveFinish({ ...progress, mergeStarted: true })
  const answer = await run.ports.host.mergeMission({ mission: run.mission, strategy, push: run.config.finish.push })
  if (answer.ok) {
    run.ports.report({ type: 'merged', targetBranch: answer.data.target_branch, strategy: answer.data.strategy })
    return { kind: 'merged' }
  }
  endRunIfHopeless(answer)
  // A merge of which we never heard the end, and now its lane branches are gone, as after every merge: it happened.
  if (progress.mergeStarted && lanesAreGone(answer)) return { kind: 'merged' }
  // Measured: asked a second time while the first merge is still at work, the host refuses to advance the branch.
  const unheard = isFault(answer.code) || progress.mergeStarted
  if (!unheard) await run.ports.store.saveFinish({ ...progress, mergeStarted: false })
  run.ports.report({
    type: 'warning',
    message: `not merged (${answer.code}): ${answer.message}`,
    hint: unheard ? 'whether it happened is not known: sko resume finds out' : 'the target branch is untouched',
  })
  return { kind: 'not-possible', next: `mend what the host names, then: sko resume   (${answer.message})` }
}

function lanesAreGone(failure: HostFailure): boolean {
  return failure.code === 'PREFLIGHT_FAILED' && /Lane branch \S+ does not exist/.test(failure.message)
}

/** The host merges whatever lies on the lane branches and looks at none of this. */
async function whyNot(
  run: RunContext,
  located: readonly Located[],
  mainCheckout: MainCheckout,
  strategy: MergeWay['strategy'],
): Promise<string | null> {
  const unknown = located.find(({ silence }) => silence !== null)
  if (unknown) {
    return `sko resume   (the host does not say where the lane worktree of ${unknown.standing.node.wpId} is, so nobody could look at it: ${unknown.silence})`
  }
  const target = located.flatMap(({ worktree }) => worktree?.baseRef ?? [])[0]
  const branch = await mainCheckout.branch()
  if (target && !isCoord(located) && branch !== target) {
    return `git checkout ${target} && sko resume   (the main checkout is ${branch ? `on ${branch}` : 'detached'}: the host would merge and then fail)`
  }
  const inTheWay = await mainCheckout.whyNotMerge({ coord: isCoord(located), strategy })
  if (inTheWay) return inTheWay
  for (const { worktree } of located) {
    const problem = worktree && (await whyNotLane(run, worktree, located).catch(unworkable))
    if (problem) return problem
  }
  return null
}

function unworkable(error: unknown): string {
  if (!(error instanceof GitError)) throw error
  return `mend a lane worktree, then: sko resume   (${error.message})`
}

/**
 * What is merged must be what was approved. Merges of other branches on top are let through: the host makes them itself,
 * and its own cure for a stale lane is one.
 */
async function whyNotLane(run: RunContext, lane: LaneWorktree, located: readonly Located[]): Promise<string | null> {
  const { workspace } = run.ports
  const state = await workspace.inspect(lane.path)
  if (state.kind === 'missing') return null
  if (state.dirty)
    return `commit or remove what is uncommitted in ${lane.path} (a merge would drop it), then: sko resume`
  const link = await danglingLink(run, lane, state.head)
  if (link) return link
  const approved = located.flatMap(({ standing, worktree }) => {
    const { judgement } = standing.record
    return worktree?.path === lane.path && judgement?.verdict.verdict === 'approved' ? judgement.commit : []
  })
  if (approved.length === 0) return null
  const own = await workspace.ownCommitsSince(lane.path, approved)
  if (own === 0) return null
  return `${lane.path} has ${own} commit(s) that no reviewer approved (HEAD ${state.head.slice(0, 10)}): have them reviewed or take them back, then: sko resume`
}

/** What a link leads to is not merged with it, and goes with the lane worktree. */
async function danglingLink(run: RunContext, lane: LaneWorktree, head: string): Promise<string | null> {
  const { workspace } = run.ports
  const base = lane.baseRef ? await workspace.mergeBase(lane.path, lane.baseRef) : null
  const [link] = base === null ? [] : await workspace.danglingLinks(lane.path, base, head)
  if (!link) return null
  return `commit what ${quote(link.path)} holds in ${lane.path}, and have it reviewed, then: sko resume   (it ${link.why})`
}
