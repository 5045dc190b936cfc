import type { KeptEntry } from '../../core/repository/kept.ts'
import { asValue } from '../as-value.ts'
import { linkedLanes, worktreeInside } from '../worktree/inside.ts'
import { contentOf, countFiles } from './kept-content.ts'
import { pruneKept } from './kept-prune.ts'
import { dropKept, listKept } from './kept-refs.ts'
import { type RestoreTarget, restoreKept } from './kept-restore.ts'

/** The kept copies of one repository, as a command of a person uses them. */
export function keptCopies(root: string) {
  return {
    list: asValue(() => listKept(root)),
    countFiles: asValue((entry: KeptEntry) => countFiles(root, entry)),
    content: asValue((entry: KeptEntry) => contentOf(root, entry)),
    restore: asValue((target: RestoreTarget, entry: KeptEntry, why: string) => restoreKept(target, entry.commit, why)),
    drop: asValue((entries: readonly KeptEntry[]) => dropKept(root, entries)),
    prune: asValue((days: number, now: number) => pruneKept(root, days, now)),
    /** Refuses a path that is not a lane worktree of this repository. */
    checkedWorktree: asValue(async (path: string) => worktreeInside(root, path, linkedLanes(root))),
  }
}
