import type { FinishProgress, MergeOf } from '../../core/mission/finish-progress.ts'
import { type Lane, satisfiesDependents } from '../../core/mission/lane.ts'
import { lackingBy } from '../../core/mission/mission-fields.ts'
import { continueRun, type NextCommand, resume } from '../../core/next-command.ts'
import { firstFlips } from '../../core/repository/flipped-setting.ts'
import { outcomeOf } from '../git/git-work.ts'
import { isCoord, type Located, lanesOf, locate } from '../mission/located.ts'
import { lackingWith } from '../mission/mission-fields.ts'
import type { WpResult } from '../mission/wp-result.ts'
import { recordMerge } from '../record/record-merge.ts'
import type { StoredRecord } from '../record/recorder.ts'
import type { RunContext } from '../run-context.ts'
import { accept } from './accept.ts'
import { lanesAfterMerge } from './after-merge/lanes-after-merge.ts'
import { afterMerge, goOn, lookFirst, type Merge, mergeIfAsked } from './merge.ts'
import { isStillMerged, sameWorks, worksOf } from './merged.ts'
import { whyNotPushed } from './push.ts'
import { whatIsLeft } from './still-open.ts'
import { unattributedCommits } from './unattributed.ts'

export interface Finish extends Reached {
  /** With the lanes as they are after the merge. */
  readonly wpResults: readonly WpResult[]
}

interface Reached {
  readonly merged: boolean
  readonly accepted: boolean
  /** True when everything requested is done. */
  readonly complete: boolean
  /** What a person runs next, most important first. */
  readonly next: readonly NextCommand[]
  /** The review record of the merge; absent: nothing was merged, or it could not be stored. */
  readonly record?: StoredRecord
  /** A WP was sent back to work because of what it would be merged with: the run continues. */
  readonly sentBack?: true
}

/**
 * Merges, if requested, then accepts. The host merges whatever is on the lane branches, reviewed or not, and drops
 * uncommitted work with the worktrees. So before the call every WP must be approved or done with a judgement or a
 * confirmation, every commit covered, and every worktree clean.
 */
export async function finish(
  run: RunContext,
  wpResults: readonly WpResult[],
  progress: FinishProgress,
): Promise<Finish> {
  const end = await mergeAndAccept(run, wpResults, progress)
  // Changed settings are the most likely cause when the host or git fails, and they outlive the run.
  const attempts = wpResults.flatMap(({ record }) => record.attempts)
  const inOrder = attempts.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  const cures = await run.ports.mainCheckout.takeBack(firstFlips(inOrder.flatMap(({ settings }) => settings ?? [])))
  const now = end.merged ? await lanesAfterMerge(run, wpResults) : wpResults
  const moved = now.filter(({ node, selected }, n) => selected && hasLeft(wpResults[n]?.node.lane, node.lane))
  const left = moved.length === 0 ? [] : await whatIsLeft(run, moved)
  return {
    ...end,
    complete: end.complete && moved.length === 0,
    wpResults: now,
    next: [...cures, ...left, ...end.next],
  }
}

/** Someone moved it while the host merged. */
function hasLeft(before: Lane | undefined, now: Lane): boolean {
  return before !== undefined && satisfiesDependents(before) && !satisfiesDependents(now)
}

async function mergeAndAccept(
  run: RunContext,
  wpResults: readonly WpResult[],
  progress: FinishProgress,
): Promise<Reached> {
  const unfinished = wpResults.filter(wpResult => !satisfiesDependents(wpResult.node.lane) || wpResult.unvouched)
  const stillMerged = await isStillMerged(run, wpResults, progress)
  if (unfinished.length > 0) {
    const open = unfinished.filter(wpResult => wpResult.selected)
    const next = await whatIsLeft(run, open)
    return { merged: stillMerged, accepted: false, complete: open.length === 0, next }
  }
  const located = stillMerged ? [] : await locate(run, wpResults)
  const doubts = await whatIsDoubted(run, located)
  if (doubts.length > 0) return { merged: false, accepted: false, complete: false, next: doubts }
  const merge: Merge = stillMerged
    ? { kind: 'merged', of: progress.mergeOf }
    : await mergeIfAsked(run, located, progress)
  if (merge.kind === 'not-possible') return { merged: false, accepted: false, complete: false, next: merge.next }
  if (merge.kind === 'sent-back') return { ...notMerged, sentBack: true }
  const merged = merge.kind === 'merged'
  const soFar = progressAfter(run, wpResults, progress, { merged, before: stillMerged, of: merged ? merge.of : null })
  if (merged && !stillMerged) await run.ports.store.saveFinish(soFar)
  const uncovered = merged && merge.of ? await whatMergeAdded(run, merge.of) : []
  if (uncovered.length > 0) return { merged, accepted: soFar.accepted, complete: false, next: uncovered }
  const verified = { ...soFar, mergeOf: soFar.mergeOf && { ...soFar.mergeOf, verified: merged } }
  if (merged) await run.ports.store.saveFinish(verified)
  const unpushed = merged && merge.of ? await whyMergeIsNotPushed(run, merge.of) : []
  const { next: unrecorded, ...record } = await recordMerge(
    run,
    merged ? verified.mergeOf : null,
    unpushed.length === 0,
  )
  const ended = { ...(await acceptIfAsked(run, verified, { wpResults, located })), ...record }
  const open = [...unpushed, ...unrecorded]
  return open.length === 0 ? ended : { ...ended, complete: false, next: [...open, ...ended.next] }
}

const notMerged: Reached = { merged: false, accepted: false, complete: false, next: [continueRun] }

/** Reports commits added to the target while attempts ran. Returns those that a person must confirm first. */
async function whatIsDoubted(run: RunContext, located: readonly Located[]): Promise<readonly NextCommand[]> {
  const { merge, accept: accepts } = run.config.finish
  const { commits, report } = run.ports
  if (located.length === 0) return []
  const found = await outcomeOf(unattributedCommits(run, located))
  if (!found.ok) return [{ command: resume, why: `git could not tell what was added to the target: ${found.message}` }]
  if (found.data.length > 0) report({ type: 'unattributed', commits: found.data })
  const [doubted] = found.data.filter(commit => commit.doubted)
  if (!doubted || (!merge && !accepts)) return []
  const head = await commits.resolve('HEAD')
  const confirm = `sko confirm ${doubted.ran[0]} --commit ${head ?? doubted.commit}`
  return [{ command: confirm, why: lookFirst }, goOn]
}

/** What a person does about the merged commits; empty when all are covered. */
async function whatMergeAdded(run: RunContext, of: MergeOf): Promise<readonly NextCommand[]> {
  const found = await outcomeOf(afterMerge(run, of))
  if (found.ok) return found.data
  return [{ command: resume, why: `git could not tell what the merge added: ${found.message}` }]
}

/** The progress after a merge, or without one. What it said about other work no longer holds. */
function progressAfter(
  run: RunContext,
  wpResults: readonly WpResult[],
  progress: FinishProgress,
  { merged, before, of }: { readonly merged: boolean; readonly before: boolean; readonly of: MergeOf | null },
): FinishProgress {
  const works = worksOf(run, wpResults)
  const sameWork = progress.acceptedOf === null || sameWorks(progress.acceptedOf, works)
  // Measured: in lanes topology a merge resets an earlier acceptance, so the host is asked again.
  const asBefore = merged === before && sameWork
  return {
    mergeStarted: merged,
    merged,
    acceptStarted: progress.acceptStarted && asBefore,
    accepted: progress.accepted && asBefore,
    mergeOf: of,
    acceptedOf: works,
    combined: progress.combined,
  }
}

async function whyMergeIsNotPushed(run: RunContext, { targetBranch, after }: MergeOf) {
  return targetBranch === null || after === null ? [] : whyNotPushed(run, targetBranch, after)
}

interface Place {
  readonly wpResults: readonly WpResult[]
  readonly located: readonly Located[]
}

async function acceptIfAsked(run: RunContext, soFar: FinishProgress, { wpResults, located }: Place): Promise<Reached> {
  const { merged } = soFar
  const merging = await mergeCommand(run, located)
  const next = merged ? [] : [{ command: merging, why: 'merges the mission into its target branch' }]
  if (!run.config.finish.accept || soFar.accepted) return { merged, accepted: soFar.accepted, complete: true, next }
  if (run.stopping.aborted)
    return {
      merged,
      accepted: false,
      complete: false,
      next: [{ command: resume, why: 'asks the host to accept the mission' }],
    }
  if (!merged && !soFar.acceptStarted && (await isBeforeMergeInCoord(run, located))) return acceptedOnlyAfter(merging)
  const failure = await accept(run, soFar)
  if (failure === null) return { merged, accepted: true, complete: true, next }
  if (failure.code === 'host-defect' && !merged && isCoord(located)) return acceptedOnlyAfter(merging)
  const completing = await whatCompletes(run, failure.message, wpResults)
  const { code, message } = failure
  const again = {
    command: `${completing}${resume}`,
    why: 'asks the host again to accept the mission, once what it names is fixed',
  }
  run.ports.report({ type: 'not-accepted', code, message, next: [again] })
  return { merged, accepted: false, complete: false, next: [again] }
}

/** If the host refuses because of missing fields: the command that fills them in, as a prefix of another command. */
async function whatCompletes(run: RunContext, refusal: string, wpResults: readonly WpResult[]): Promise<string> {
  const named = lackingBy(refusal)
  const wpId = wpResults[0]?.node.wpId
  if (named.length === 0 || wpId === undefined) return ''
  const lacking = await lackingWith(run.ports, {
    mission: run.mission,
    wpId,
    branch: await run.ports.mainCheckout.branch(),
    named,
  })
  return lacking ? `${lacking.next.command} && ` : ''
}

/**
 * sko's command and not the host's, because sko checks the worktrees first. It merges as the host is set, except by
 * rebase in coord topology, which the host cannot do.
 */
async function mergeCommand(run: RunContext, located: readonly Located[]): Promise<string> {
  if (!isCoord(located)) return `${resume} --merge`
  return (await run.ports.mainCheckout.strategyOfHost()) === 'rebase' ? `${resume} --merge merge` : `${resume} --merge`
}

/** A merge by someone else usually removes the lane branches; if it has kept them, the host is asked after our own. */
async function isBeforeMergeInCoord(run: RunContext, located: readonly Located[]): Promise<boolean> {
  if (!isCoord(located)) return false
  const { lanes, gone } = await lanesOf(run, located)
  return lanes.length > 0 && gone.length === 0
}

/** Measured: in coord topology accept-mission before the merge is a traceback. This is not a failure of the mission. */
function acceptedOnlyAfter(merging: string): Reached {
  const next = [{ command: merging, why: 'the host can accept the mission only after its merge' }]
  return { merged: false, accepted: false, complete: true, next }
}
