import type { WpRecord } from './work-package.ts'

export interface TreeAt {
  readonly commit: string
  readonly tree: string
}

/** From one commit, exclusive, to another, inclusive. */
export interface Stretch {
  readonly base: TreeAt
  readonly head: TreeAt
}

/**
 * The parts of a lane's history that belong to one WP: everything beyond `history[0]` but what the attempts of other WPs
 * in the same worktree added. A person's commits belong to the WP that is next reviewed, so that somebody looks at them.
 */
export function ownStretches(history: readonly TreeAt[], others: readonly WpRecord[]): readonly Stretch[] {
  const foreign = new Set(others.flatMap(record => commitsOf(history, record)))
  const stretches: Stretch[] = []
  let base: TreeAt | undefined
  for (const [index, at] of history.entries()) {
    const isForeign = foreign.has(at.commit)
    const next = history[index + 1]
    if (index === 0 || isForeign) base = at
    else if (base && (next === undefined || foreign.has(next.commit))) stretches.push({ base, head: at })
  }
  return stretches
}

/** Whether the WP has changed anything: a commit that leaves the tree as it was is no work. */
export function hasOwnChange(history: readonly TreeAt[], others: readonly WpRecord[]): boolean {
  return ownStretches(history, others).some(({ base, head }) => base.tree !== head.tree)
}

function commitsOf(history: readonly TreeAt[], record: WpRecord): readonly string[] {
  return record.attempts.flatMap(({ role, baseCommit, headCommit }) => {
    if (role !== 'implementation' || headCommit === null || headCommit === baseCommit) return []
    const from = history.findIndex(({ commit }) => commit === baseCommit)
    const to = history.findIndex(({ commit }) => commit === headCommit)
    // What began before this history ends in it; what ends after it is not in it.
    return to < 0 ? [] : history.slice(from + 1, to + 1).map(({ commit }) => commit)
  })
}
