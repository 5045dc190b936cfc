import type { WpId } from '../core/ids.ts'
import { satisfiesDependents } from '../core/lane.ts'
import type { HostFailure } from '../host/outcome.ts'
import type { FinishProgress } from '../state/schema.ts'
import { laneWorktree } from './claim.ts'
import { endRunIfHopeless, isFault } from './mutate.ts'
import type { Standing } from './orchestrate.ts'
import type { RunContext } from './run-context.ts'

export interface Finish {
  readonly merged: boolean
  readonly accepted: boolean
  /** Everything that was asked for is done. */
  readonly complete: boolean
  /** What a person runs next, most important first. */
  readonly next: readonly string[]
}

/**
 * Merge, where asked for, then accept. The host merges whatever lies on the lane branches, reviewed or not, and drops
 * uncommitted work with the worktrees: so every WP must be approved or done and every worktree clean before it is asked.
 */
export async function finish(
  run: RunContext,
  standings: readonly Standing[],
  progress: FinishProgress,
  uncommittedLanes: () => Promise<boolean>,
): Promise<Finish> {
  const unfinished = standings.filter(standing => !satisfiesDependents(standing.node.lane))
  if (unfinished.length > 0) {
    const ours = unfinished.filter(standing => standing.selected)
    const rest = `sko orchestrate --mission ${run.mission}   (the work packages that --wp left out)`
    const next = ours.length > 0 ? nextFor(ours) : [rest]
    return { merged: progress.merged, accepted: false, complete: ours.length === 0, next }
  }
  const merge = progress.merged ? mergedBefore : await mergeIfAsked(run, standings, progress, uncommittedLanes)
  if (merge.kind === 'not-possible') return { merged: false, accepted: false, complete: false, next: [merge.reason] }
  const merged = merge.kind === 'merged'
  const soFar = { ...progress, mergeStarted: progress.mergeStarted || merged, merged }
  if (merged && !progress.merged) await run.ports.store.saveFinish(soFar)
  // Measured: in lanes topology a merge resets an acceptance of before, so after one it is asked for again.
  const stillAccepted = progress.accepted && merged === progress.merged
  if (!run.config.finish.accept || stillAccepted) {
    return { merged, accepted: stillAccepted, complete: true, next: merged ? [] : [mergeCommand] }
  }
  const accepted = await accept(run, merged)
  if (accepted.kind === 'accepted') {
    await run.ports.store.saveFinish({ ...soFar, accepted: true })
    run.ports.report({ type: 'accepted' })
    return { merged, accepted: true, complete: true, next: merged ? [] : [mergeCommand] }
  }
  return { merged, accepted: false, complete: accepted.kind === 'only-after-merge', next: accepted.next }
}

type Merge =
  | { readonly kind: 'merged' }
  | { readonly kind: 'not-asked' }
  | { readonly kind: 'not-possible'; readonly reason: string }

const mergedBefore: Merge = { kind: 'merged' }

async function mergeIfAsked(
  run: RunContext,
  standings: readonly Standing[],
  progress: FinishProgress,
  uncommittedLanes: () => Promise<boolean>,
): Promise<Merge> {
  const strategy = run.config.finish.merge
  if (!strategy) return { kind: 'not-asked' }
  const problem = await whyNotMerge(run, standings, uncommittedLanes)
  if (problem) return { kind: 'not-possible', reason: problem }
  await run.ports.store.saveFinish({ ...progress, mergeStarted: true })
  const answer = await run.ports.host.mergeMission({ mission: run.mission, strategy, push: run.config.finish.push })
  if (answer.ok) {
    run.ports.report({ type: 'merged', targetBranch: answer.data.target_branch, strategy: answer.data.strategy })
    return { kind: 'merged' }
  }
  endRunIfHopeless(answer)
  // A merge that we asked for before and whose reply was lost: its lane branches are gone, as after every merge.
  if (progress.mergeStarted && lanesAreGone(answer)) return { kind: 'merged' }
  run.ports.report({
    type: 'warning',
    message: `not merged (${answer.code}): ${answer.message}`,
    hint: isFault(answer.code)
      ? 'whether it happened is not known: sko resume finds out'
      : 'the target branch is untouched',
  })
  return { kind: 'not-possible', reason: `mend what the host names, then: sko resume   (${answer.message})` }
}

function lanesAreGone(failure: HostFailure): boolean {
  return failure.code === 'PREFLIGHT_FAILED' && /Lane branch \S+ does not exist/.test(failure.message)
}

async function whyNotMerge(
  run: RunContext,
  standings: readonly Standing[],
  uncommittedLanes: () => Promise<boolean>,
): Promise<string | null> {
  if (await uncommittedLanes()) {
    const folder = `kitty-specs/${run.mission}`
    return `the lanes are recorded in ${folder}, which is not committed, and the host's merge would reset them: git add ${folder} && git commit -m 'Record the mission' && sko resume`
  }
  const judged = new Set(standings.flatMap(({ record }) => record.judgement?.commit ?? []))
  const paths = new Set<string>()
  for (const standing of standings) {
    const path = standing.worktree?.path ?? (await askPath(run, standing.node.wpId))
    if (path) paths.add(path)
  }
  for (const path of paths) {
    const state = await run.ports.workspace.inspect(path)
    if (state.kind === 'missing') continue
    if (state.dirty) return `commit or remove what is uncommitted in ${path} (a merge would drop it), then: sko resume`
    if (judged.size === standings.length && !judged.has(state.head)) {
      return `${path} is at ${state.head}, which no reviewer approved: put it back to the approved commit, then: sko resume`
    }
  }
  return null
}

async function askPath(run: RunContext, wpId: WpId): Promise<string | null> {
  const answer = await run.ports.host.resolveWorkspace({ mission: run.mission, wpId })
  return answer.ok ? (laneWorktree(answer.data)?.path ?? null) : null
}

type Acceptance =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'only-after-merge'; readonly next: readonly string[] }
  | { readonly kind: 'refused'; readonly next: readonly string[] }

/** Measured: in coord topology accept-mission before the merge is a traceback. That is no failure of the mission. */
async function accept(run: RunContext, merged: boolean): Promise<Acceptance> {
  const answer = await run.ports.host.acceptMission({ mission: run.mission })
  if (answer.ok) return { kind: 'accepted' }
  endRunIfHopeless(answer)
  const acceptCommand = `${run.config.host.command} orchestrator-api accept-mission --mission ${run.mission} --actor ${run.config.actor}`
  if (answer.code === 'host-defect' && !merged) {
    return {
      kind: 'only-after-merge',
      next: [`${mergeCommand}   (the host can accept the mission only after its merge)`],
    }
  }
  run.ports.report({
    type: 'warning',
    message: `not accepted (${answer.code}): ${answer.message}`,
    hint: acceptCommand,
  })
  return { kind: 'refused', next: [acceptCommand] }
}

/** Ours and not the host's: it looks at the worktrees first. */
const mergeCommand = 'sko resume --merge merge'

function nextFor(unfinished: readonly Standing[]): readonly string[] {
  const blocked = unfinished.filter(standing => standing.node.lane === 'blocked')
  return [...blocked.map(standing => `sko retry ${standing.node.wpId}`), 'sko resume']
}
