import type { WpId } from './ids.ts'
import { someOf } from './lost.ts'
import { quote } from './text.ts'
import type { WpRecord } from './work-package.ts'

/**
 * All worktrees of a repository share one stash, so an agent can pop what another one stashed: files of an entry that was
 * made elsewhere were in this work package's worktree at the end of an attempt, and not at its start.
 */
export interface StashCrossing {
  /** The WP in whose worktree the entry was made; `main`: in none of them. */
  readonly from: string
  /** Of the entry: `git stash apply <commit>` has it back. */
  readonly commit: string
  readonly files: readonly string[]
}

/** What the agents of a WP must know of the shared stash; empty: nothing. */
export function stashNotes(wpId: WpId, records: readonly WpRecord[]): readonly string[] {
  const all = records.flatMap(record => crossingsOf(record).map(crossing => ({ ...crossing, into: record.wpId })))
  const notes = all.flatMap(({ from, into, commit, files }) => {
    const names = quote(someOf(files, 10), 1000)
    if (into === wpId) {
      return `An earlier attempt of this work package applied a git stash entry of ${owner(from)}: ${names}. As far as that is still in the tree and this work package does not ask for it, it does not belong here.`
    }
    if (from === wpId) {
      return `A git stash entry made in this worktree was applied in that of ${into} (${names}). If it is missing here: git stash apply ${commit}`
    }
    return []
  })
  return [...new Set(notes)]
}

function crossingsOf(record: WpRecord): readonly StashCrossing[] {
  return record.attempts.flatMap(({ stash }) => stash ?? [])
}

export function owner(from: string): string {
  return from === 'main' ? 'somebody outside the lane worktrees' : from
}
