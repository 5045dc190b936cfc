import type { WpId } from '../ids.ts'
import type { WpRecord } from './work-package.ts'

export interface TreeAt {
  readonly commit: string
  readonly tree: string
  /** True when it has more than one parent. */
  readonly merge: boolean
}

/** From one commit, exclusive, to another, inclusive. */
export interface Stretch {
  readonly base: TreeAt
  readonly head: TreeAt
}

/**
 * The parts of a lane's history that belong to one WP: everything after `history[0]`, except commits by attempts of other
 * WPs in the same worktree, and except merges that no attempt made. Those are merges of the host, whose content was
 * reviewed elsewhere. A person's commits belong to the WP that is reviewed next, so that they are reviewed.
 */
export function ownStretches(
  history: readonly TreeAt[],
  own: WpRecord,
  others: readonly WpRecord[],
): readonly Stretch[] {
  const madeBy = makers(history, own, others)
  const isOwn = (index: number): boolean => {
    const maker = madeBy[index]
    return maker === undefined ? history[index]?.merge === false : maker === own.wpId
  }
  const stretches: Stretch[] = []
  let base: TreeAt | undefined
  for (const [index, at] of history.entries()) {
    if (index === 0 || !isOwn(index)) base = at
    else if (base && !isOwn(index + 1)) stretches.push({ base, head: at })
  }
  return stretches
}

/** Whether the WP has changed anything: a commit that leaves the tree as it was is no work. */
export function hasOwnChange(history: readonly TreeAt[], own: WpRecord, others: readonly WpRecord[]): boolean {
  return ownStretches(history, own, others).some(({ base, head }) => base.tree !== head.tree)
}

/** Which WP's attempt made each commit. If two attempts cover one, the one that started later made it. */
function makers(history: readonly TreeAt[], own: WpRecord, others: readonly WpRecord[]): readonly (WpId | undefined)[] {
  const spans = [...spansOf(history, own, history.length), ...others.flatMap(other => spansOf(history, other, -1))]
  const madeBy: (WpId | undefined)[] = history.map(() => undefined)
  for (const { by, after, to } of spans.toSorted((a, b) => a.after - b.after)) madeBy.fill(by, after + 1, to + 1)
  return madeBy
}

/** `unfinished`: the end of an attempt whose end is not known. An attempt that started before this history starts with it. */
function spansOf(history: readonly TreeAt[], { wpId, attempts }: WpRecord, unfinished: number) {
  const indexOf = (wanted: string) => history.findIndex(({ commit }) => commit === wanted)
  return attempts
    .filter(({ role, result }) => role === 'implementation' && result !== null)
    .map(({ baseCommit, headCommit }) => ({
      by: wpId,
      after: indexOf(baseCommit),
      to: headCommit === null ? unfinished : indexOf(headCommit),
    }))
}
