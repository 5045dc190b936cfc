import { someOf } from '../format.ts'
import type { WpId } from '../ids.ts'
import { quote } from '../text.ts'
import type { WpRecord } from '../work-package/work-package.ts'
import type { StashCrossing } from './stashed-elsewhere.ts'

/** What the agents of a WP must know about the shared stash; may be empty. */
export function stashNotes(wpId: WpId, records: readonly WpRecord[]): readonly string[] {
  const all = records.flatMap(record => crossingsOf(record).map(crossing => ({ ...crossing, into: record.wpId })))
  const notes = all.flatMap(({ from, into, commit, files }) => {
    const names = quote(someOf(files, 10), 1000)
    if (into === wpId) {
      return `An earlier attempt of this work package applied a git stash entry of ${owner(from)}: ${names}. Remove what is still in the tree and not asked for by this work package.`
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
  return from === 'main' ? 'someone working outside the lane worktrees' : from
}
