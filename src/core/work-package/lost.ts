/** One path that differs between two trees. An object id of zeros means that the path is missing. */
export interface TreeChange {
  readonly path: string
  readonly before: string
  readonly after: string
  readonly mode: string
  readonly kind: 'added' | 'modified' | 'removed'
}

interface Between {
  /** From HEAD to the worktree at the earlier time: the uncommitted changes. */
  readonly uncommitted: readonly TreeChange[]
  /** From the worktree at the earlier time to the worktree at the later time. */
  readonly since: readonly TreeChange[]
  /** Objects of the commits that were made in between. */
  readonly committed: ReadonlySet<string>
}

/**
 * Paths whose uncommitted content was lost: the file was removed, or reset to HEAD. A later edit, a rename and a commit
 * are no loss.
 */
export function lostBetween({ uncommitted, since, committed }: Between): readonly string[] {
  const headHad = new Map(uncommitted.map(({ path, before, after }) => [path, { before, after }]))
  const elsewhere = new Set(since.filter(({ kind }) => kind === 'added').map(({ after }) => after))
  return since.flatMap(({ path, kind, before, after }) => {
    const was = headHad.get(path)
    if (was === undefined || was.after !== before || elsewhere.has(before) || committed.has(before)) return []
    const putBack = kind === 'modified' && after === was.before
    return kind === 'removed' || putBack ? [path] : []
  })
}
