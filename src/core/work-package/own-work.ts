import type { WpId } from '../ids.ts'
import type { WpRecord } from './work-package.ts'

export interface TreeAt {
  readonly commit: string
  readonly tree: string
  /** It has more than one parent. */
  readonly merge: boolean
}

/** From one commit, exclusive, to another, inclusive. */
export interface Stretch {
  readonly base: TreeAt
  readonly head: TreeAt
}

/**
 * The parts of a lane's history that belong to one WP: everything beyond `history[0]` but what the attempts of other WPs
 * in the same worktree added, and but merges that no attempt made: those are the host's, which brings in what was
 * reviewed elsewhere. A person's commits belong to the WP that is next reviewed, so that somebody looks at them.
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

/** Whose attempt made each commit. Where two claim one, it was made by the one that began later. */
function makers(history: readonly TreeAt[], own: WpRecord, others: readonly WpRecord[]): readonly (WpId | undefined)[] {
  const spans = [...spansOf(history, own, history.length), ...others.flatMap(other => spansOf(history, other, -1))]
  const madeBy: (WpId | undefined)[] = history.map(() => undefined)
  for (const { by, after, to } of spans.toSorted((a, b) => a.after - b.after)) madeBy.fill(by, after + 1, to + 1)
  return madeBy
}

/** `unfinished`: where an attempt ends of which it is not known yet. What began before this history begins with it. */
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
