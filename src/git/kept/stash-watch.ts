import { keptMessage, keptPrefix, mainCheckout } from '../../core/repository/kept.ts'
import type { StashCrossing } from '../../core/repository/stashed-elsewhere.ts'
import { gitOrThrow } from '../git.ts'
import { makeCommit, nameCommit } from './kept.ts'
import { listKept } from './kept-refs.ts'
import { branchEnd, filesIn, type StashEntry, stashContent, stashEntries, stashTree } from './stash.ts'
import { shownPath } from './tree-changes.ts'

const stashReason = 'stash'

interface KnownEntry {
  readonly commit: string
  /** The WP in whose worktree it was made; `main` if that is not one of our worktrees. */
  readonly wpId: string
}

/** Follows `refs/stash`, which all lane worktrees share, and keeps every entry as soon as it is seen. */
export interface StashWatch {
  look(): Promise<void>
  /** Says that this branch belongs to the lane of this WP. */
  learn(branch: string | null, wpId: string): void
  /** Entries of other WPs that an attempt applied in its worktree. `before`, `after`: the trees around the attempt. */
  crossings(wpId: string, before: string, after: string): Promise<readonly StashCrossing[]>
}

export function createStashWatch(root: string, runId: string, isNew = false): StashWatch {
  const owners = new Map<string, string>()
  const known = new Map<string, KnownEntry>()
  let asked: string | null = null

  const keepEntry = async (entry: StashEntry): Promise<void> => {
    const { commit, subject } = entry
    const wpId = (entry.branchEnd === null ? undefined : owners.get(entry.branchEnd)) ?? mainCheckout
    const why = `stash entry ${commit.slice(0, 10)}, ${subject}`
    const message = keptMessage({ runId, wpId, reason: stashReason, why, worktree: root })
    const base = (await gitOrThrow(root, ['rev-parse', `${commit}^1`])).trim()
    const kept = await makeCommit(root, await stashTree(root, commit), [base, commit], message)
    await nameCommit({ worktree: root, runId, wpId }, kept)
    known.set(commit, { commit, wpId })
  }

  /** The entries that an earlier process of this run kept. */
  const recall = async (): Promise<void> => {
    for (const { commit, wpId, reason } of await listKept(root, `${keptPrefix}${runId}/`)) {
      if (reason !== stashReason) continue
      const stash = (await gitOrThrow(root, ['rev-parse', `${commit}^2`])).trim()
      known.set(stash, { commit: stash, wpId })
    }
  }

  return {
    learn: (branch, wpId) => {
      if (branch !== null) owners.set(branchEnd(branch), wpId)
    },
    look: async () => {
      const entries = await stashEntries(root)
      const now = entries.map(({ commit }) => commit).join()
      if (now === asked) return
      if (asked === null && !isNew) await recall()
      for (const entry of entries) if (!known.has(entry.commit)) await keepEntry(entry)
      asked = now
    },
    crossings: async (wpId, before, after) => {
      const found: StashCrossing[] = []
      const contentOf = async (tree: string) => new Map((await filesIn(root, tree)).map(({ path, oid }) => [path, oid]))
      const entries = [...known.values()].filter(entry => entry.wpId !== wpId)
      if (entries.length === 0) return found
      const [was, is] = [await contentOf(before), await contentOf(after)]
      for (const { commit, wpId: from } of entries) {
        const content = [...(await stashContent(root, commit))]
        const applied = content.filter(([path, oid]) => is.get(path) === oid && was.get(path) !== oid)
        if (applied.length > 0) found.push({ from, commit, files: applied.map(([path]) => shownPath(path)) })
      }
      return found
    },
  }
}
