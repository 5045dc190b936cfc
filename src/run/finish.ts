import { satisfiesDependents } from '../core/lane.ts'
import { lackingBy } from '../core/mission-fields.ts'
import type { FinishProgress } from '../state/schema.ts'
import { accept } from './accept.ts'
import { isCoord, locate, type MainCheckout, type Merge, mergeIfAsked } from './merge.ts'
import { lackingWith } from './mission-fields.ts'
import { acceptByHand } from './person.ts'
import type { RunContext } from './run-context.ts'
import type { Standing } from './standing.ts'

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
  mainCheckout: MainCheckout,
): Promise<Finish> {
  const unfinished = standings.filter(standing => !satisfiesDependents(standing.node.lane))
  if (unfinished.length > 0) return stillOpen(run, unfinished, progress)
  const located = progress.merged ? [] : await locate(run, standings)
  const merge: Merge = progress.merged ? { kind: 'merged' } : await mergeIfAsked(run, located, progress, mainCheckout)
  if (merge.kind === 'not-possible') return { merged: false, accepted: false, complete: false, next: [merge.next] }
  const merged = merge.kind === 'merged'
  // Measured: in lanes topology a merge resets an acceptance of before, so after one it is asked for again.
  const asBefore = merged === progress.merged
  const soFar = {
    mergeStarted: merged,
    merged,
    acceptStarted: progress.acceptStarted && asBefore,
    accepted: progress.accepted && asBefore,
  }
  if (merged && !progress.merged) await run.ports.store.saveFinish(soFar)
  const next = merged ? [] : [mergeCommand]
  if (!run.config.finish.accept || soFar.accepted) return { merged, accepted: soFar.accepted, complete: true, next }
  if (run.stopping.aborted) return { merged, accepted: false, complete: false, next: ['sko resume'] }
  const failure = await accept(run, soFar)
  if (failure === null) return { merged, accepted: true, complete: true, next }
  if (failure.code === 'host-defect' && !merged && isCoord(located)) return acceptedOnlyAfterMerge
  const completing = await whatCompletes(run, failure.message, standings, mainCheckout)
  run.ports.report({
    type: 'warning',
    message: `not accepted (${failure.code}): ${failure.message}`,
    hint: 'mend what the host names; sko resume asks again',
  })
  return {
    merged,
    accepted: false,
    complete: false,
    next: [`${completing}sko resume   (asks the host again to accept the mission)`],
  }
}

/** Where the host has named fields that the mission lacks: the command that fills them in, before another. */
async function whatCompletes(
  run: RunContext,
  refusal: string,
  standings: readonly Standing[],
  mainCheckout: MainCheckout,
): Promise<string> {
  const named = lackingBy(refusal)
  const wpId = standings[0]?.node.wpId
  if (named.length === 0 || wpId === undefined) return ''
  const lacking = await lackingWith(run.ports, {
    mission: run.mission,
    wpId,
    branch: await mainCheckout.branch(),
    named,
  })
  return lacking ? `${lacking.next} && ` : ''
}

/** Ours and not the host's: it looks at the worktrees first. */
const mergeCommand = 'sko resume --merge merge'

/** Measured: in coord topology accept-mission before the merge is a traceback. That is no failure of the mission. */
const acceptedOnlyAfterMerge: Finish = {
  merged: false,
  accepted: false,
  complete: true,
  next: [`${mergeCommand}   (the host can accept the mission only after its merge)`],
}

function stillOpen(run: RunContext, unfinished: readonly Standing[], progress: FinishProgress): Finish {
  const ours = unfinished.filter(standing => standing.selected)
  const blocked = ours.filter(standing => standing.node.lane === 'blocked')
  const retries = blocked.map(standing => `sko retry ${standing.node.wpId}`)
  const onlyCanceled = ours.every(({ node }) => node.lane === 'canceled')
  const byHand = `${acceptByHand(run.mission)}   (a canceled work package is a person's to accept)`
  const goOn = ours.some(({ heldBy }) => heldBy === 'budget') ? run.budget.resumeCommand() : 'sko resume'
  const rest = `sko orchestrate --mission ${run.mission}   (the work packages that --wp left out)`
  return {
    merged: progress.merged,
    accepted: false,
    complete: ours.length === 0,
    next: ours.length === 0 ? [rest] : onlyCanceled ? [byHand] : [...retries, goOn],
  }
}
