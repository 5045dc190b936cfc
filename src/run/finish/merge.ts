import { hostFilesOf } from '../../core/judgement/coverage.ts'
import type { FinishProgress, MergedLane, MergeOf } from '../../core/mission/finish-progress.ts'
import { type NextCommand, resume } from '../../core/next-command.ts'
import { combinedGate } from '../gate/combined-gate.ts'
import { type GitWork, need, outcomeOf } from '../git/git-work.ts'
import type { HostFailure } from '../host/host-outcome.ts'
import { isCoord, type Located, lanesOf } from '../mission/located.ts'
import type { MergeWay } from '../mission/main-checkout.ts'
import { missionBranch } from '../requests/vouching.ts'
import type { RunContext } from '../run-context.ts'
import { endRunIfHopeless, isFault } from '../steps/mutate.ts'
import { howToMergeTheRest } from './after-merge/merged-in-part.ts'
import { whyNot } from './before-merge.ts'
import { type UncoveredCommit, uncoveredCommits } from './coverage.ts'
import { hasArrived, sameWorks, uncoveredByMerge, worksOf } from './merged.ts'
import { cureOfStaleLane } from './stale-lane.ts'

export type Merge =
  | { readonly kind: 'merged'; readonly of: MergeOf | null }
  | { readonly kind: 'not-asked' }
  /** A WP was sent back to work because of what it would be merged with. */
  | { readonly kind: 'sent-back' }
  /** `next`: what a person can do about it. */
  | { readonly kind: 'not-possible'; readonly next: readonly NextCommand[] }

export async function mergeIfAsked(
  run: RunContext,
  located: readonly Located[],
  progress: FinishProgress,
): Promise<Merge> {
  const { merge } = run.config.finish
  if (!merge) return { kind: 'not-asked' }
  const reached = await outcomeOf(mergeCovered(merge, run, located, progress))
  return reached.ok ? reached.data : resumeLater(`git could not tell what the merge adds: ${reached.message}`)
}

async function* mergeCovered(
  strategy: MergeWay['strategy'],
  run: RunContext,
  located: readonly Located[],
  progress: FinishProgress,
): GitWork<Merge> {
  const before = yield* alreadyMerged(run, located, progress)
  if (before) return before
  const problem = yield* whyNot(run, located, strategy)
  if (problem) return notPossible(problem)
  const targetBranch = await targetOf(run, located)
  const { lanes, others } = await lanesOf(run, located, [refOf(targetBranch)])
  const target = others[0] ?? null
  const open = yield* uncoveredNow(run, lanes, target)
  if (open.length > 0) {
    run.ports.report({ type: 'uncovered', commits: open, merged: false })
    return { kind: 'not-possible', next: await confirmations(run, open, lanes) }
  }
  if (run.stopping.aborted) return resumeLater('merges the mission')
  const asked = await outcomeOf(combinedGate(run, { located, lanes, target, targetBranch }, progress))
  if (!asked.ok) return resumeLater(`the combined result could not be checked: ${asked.message}`)
  const gate = asked.data
  if (gate.kind === 'sent-back') return gate
  if (gate.kind === 'closed') return { kind: 'not-possible', next: gate.next }
  if (run.stopping.aborted) return resumeLater('merges the mission')
  const of: MergeOf = {
    works: worksOf(run, wpResultsOf(located)),
    targetBranch,
    before: target,
    lanes,
    after: null,
    strategy,
    verified: false,
    ...(gate.checked === null ? {} : { checked: gate.checked }),
  }
  const begun = { ...gate.progress, mergeStarted: true, mergeOf: of }
  await run.ports.store.saveFinish(begun)
  const answer = await run.ports.host.mergeMission({ mission: run.mission, strategy, push: run.config.finish.push })
  const branch = answer.ok ? answer.data.target_branch : of.targetBranch
  const merged = yield* lookAtTarget(run, await ofBranch(run, of, branch))
  if (merged && (answer.ok || merged.after !== merged.before)) {
    run.ports.report({ type: 'merged', targetBranch: branch ?? 'the target', strategy })
    return { kind: 'merged', of: merged }
  }
  if (answer.ok) return resumeLater(`the host says that it merged, but ${branch} does not have it`)
  const failure = await failed(run, answer, begun, progress)
  const command = await cureOfStaleLane(run, answer.message, located)
  return command === null ? failure : notPossible(command)
}

/** The host named another target than the branch that is checked out: the last move of that branch is the merge. */
async function ofBranch(run: RunContext, of: MergeOf, branch: string | null): Promise<MergeOf> {
  if (branch === of.targetBranch || branch === null) return of
  return { ...of, targetBranch: branch, before: await run.ports.commits.resolve(`refs/heads/${branch}@{1}`) }
}

async function failed(run: RunContext, answer: HostFailure, begun: FinishProgress, progress: FinishProgress) {
  endRunIfHopeless(answer)
  // Measured: asked a second time while the first merge is still running, the host refuses to advance the branch.
  const unheard = isFault(answer.code) || progress.mergeStarted
  if (!unheard) await run.ports.store.saveFinish({ ...begun, mergeStarted: false })
  run.ports.report({
    type: 'not-merged',
    code: answer.code,
    message: answer.message,
    target: unheard ? 'unknown' : 'untouched',
    next: [
      {
        command: resume,
        why: unheard ? 'finds out whether it was merged' : 'merges once what the host names is corrected',
      },
    ],
  })
  return resumeLater(`fix what the host names first: ${answer.message}`)
}

/** A merge whose reply was lost, or that someone else made: the lane branches are gone, and the target has their content. */
async function* alreadyMerged(
  run: RunContext,
  located: readonly Located[],
  { mergeStarted, merged, mergeOf }: FinishProgress,
): GitWork<Merge | null> {
  const { lanes, gone } = await lanesOf(run, located)
  if (gone.length === 0) return null
  const target = await targetOf(run, located)
  const works = worksOf(run, wpResultsOf(located))
  const ours = mergeStarted && mergeOf && sameWorks(mergeOf.works, works) ? mergeOf : null
  const of = ours ?? { works, targetBranch: target, before: null, lanes, after: null, verified: false }
  const found = yield* lookAtTarget(run, of)
  if (found) {
    const targetBranch = of.targetBranch ?? 'the target'
    if (ours) run.ports.report({ type: 'merged', targetBranch, strategy: run.config.finish.merge ?? 'merge' })
    else run.ports.report({ type: 'merged-by-others', targetBranch })
    return { kind: 'merged', of: found }
  }
  if (gone.every(({ wpIds }) => wpIds.every(wpId => works[wpId] === undefined))) return null
  const rest = await howToMergeTheRest(run, { lanes, gone }, { merged, mergeOf })
  if (rest !== null) return notPossible(rest)
  const names = gone.map(({ branch }) => branch).join(', ')
  return notPossible({
    command: resume,
    why: `${names} is gone, and ${target ?? 'the target'} does not have what was approved there: restore it first, for example with git branch ${gone[0]?.branch} <commit>`,
  })
}

/** Returns null when the work is not on the target. */
async function* lookAtTarget(run: RunContext, of: MergeOf): GitWork<MergeOf | null> {
  const after = await run.ports.commits.resolve(refOf(of.targetBranch))
  return after !== null && (yield* hasArrived(run, of, after)) ? { ...of, after } : null
}

/** Checks the merged commits. Returns the next commands; empty when all commits are covered. */
export async function* afterMerge(run: RunContext, of: MergeOf): GitWork<readonly NextCommand[]> {
  if (of.verified || of.after === null) return []
  yield* compareWithChecked(run, of, of.after)
  const open = yield* uncoveredByMerge(run, of, of.after)
  if (open.length === 0) return []
  run.ports.report({ type: 'uncovered', commits: open, merged: true })
  const wpId = open[0]?.wpIds[0] ?? Object.keys(of.works)[0]
  return [{ command: `sko confirm ${wpId} --commit ${of.after}`, why: lookFirst }, goOn]
}

/** The host merges by itself, so it may make other files of the lanes than git made in memory. */
async function* compareWithChecked(run: RunContext, { checked, targetBranch }: MergeOf, after: string): GitWork<void> {
  if (checked === undefined) return
  const isHosts = hostFilesOf(run.mission)
  const files = yield* need(run.ports.combining.difference(checked.tree, after, isHosts))
  if (files.length === 0) return
  run.ports.report({ type: 'combined-differs', targetBranch: targetBranch ?? 'the target', files })
}

async function* uncoveredNow(
  run: RunContext,
  lanes: readonly MergedLane[],
  target: string | null,
): GitWork<readonly UncoveredCommit[]> {
  const tips = [...lanes.map(({ head }) => head), missionBranch(run.mission)]
  return yield* uncoveredCommits(run, run.ports.store.records(), { tips, lanes, target })
}

/** One command per lane: confirming its head confirms all its commits. */
async function confirmations(run: RunContext, open: readonly UncoveredCommit[], lanes: readonly MergedLane[]) {
  const mission = await run.ports.commits.resolve(missionBranch(run.mission))
  const commands = open.map(({ commit, branch }) => {
    const lane = lanes.find(other => other.branch === branch)
    const wpId = lane?.wpIds[0] ?? lanes[0]?.wpIds[0]
    return `sko confirm ${wpId} --commit ${lane?.head ?? mission ?? commit}`
  })
  return [...[...new Set(commands)].map(command => ({ command, why: lookFirst })), goOn]
}

export const lookFirst = 'after a person has looked at the commits that no review covers'
export const goOn: NextCommand = { command: resume, why: 'merges or accepts what is confirmed' }

/** The target branch. In coord topology only the host knows it, so the branch that is checked out; null: none is. */
async function targetOf(run: RunContext, located: readonly Located[]): Promise<string | null> {
  const base = isCoord(located) ? null : located.flatMap(({ worktree }) => worktree?.baseRef ?? [])[0]
  return base ?? run.ports.mainCheckout.branch()
}

function refOf(branch: string | null): string {
  return branch === null ? 'HEAD' : `refs/heads/${branch}`
}

function wpResultsOf(located: readonly Located[]) {
  return located.map(({ wpResult }) => wpResult)
}

function resumeLater(why: string): Merge {
  return notPossible({ command: resume, why })
}

function notPossible(next: NextCommand): Merge {
  return { kind: 'not-possible', next: [next] }
}
