import type { WpId } from '../../core/ids.ts'
import type { TargetCommit } from '../events/coverage-event.ts'
import { orNull } from '../git/git-outcome.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { Located } from '../mission/located.ts'
import { readWpFile } from '../mission/wp-file.ts'
import type { RunContext } from '../run-context.ts'
import { ownedBy } from '../steps/files/owned-files.ts'
import { uncoveredCommits } from './coverage.ts'

/**
 * Commits added to the checked-out branch of the main checkout while attempts ran, and that no judgement and no
 * confirmation covers. Nothing proves who made them: agents commit with the person's identity. A commit is doubted when
 * it has files that a WP running at the time owns or has changed in its lane, because an agent may have worked in the
 * wrong checkout. For all others a person is assumed to be the author.
 */
export async function* unattributedCommits(
  run: RunContext,
  located: readonly Located[],
): GitWork<readonly TargetCommit[]> {
  const { commits, store } = run.ports
  const arrived = new Map<string, Set<WpId>>()
  for (const { wpId, attempts } of store.records()) {
    for (const moved of attempts.flatMap(({ strayed }) => strayed?.moved ?? [])) {
      for (const { commit } of yield* need(commits.graph([moved.to], [moved.from]))) {
        arrived.set(commit, (arrived.get(commit) ?? new Set()).add(wpId))
      }
    }
  }
  const tips = [...arrived.keys()]
  if (tips.length === 0) return []
  const open = yield* uncoveredCommits(run, store.records(), { tips, lanes: [], target: null })
  const here = await Promise.all(
    open
      .filter(({ commit }) => arrived.has(commit))
      .map(async at => ((await commits.isAncestor(at.commit, 'HEAD')) ? [at] : [])),
  )
  const ran = new Set([...arrived.values()].flatMap(wpIds => [...wpIds]))
  const isOf = new Map<WpId, (file: string) => boolean>()
  for (const wpId of ran) isOf.set(wpId, yield* filesOf(wpId, located, run))
  return here.flat().map(({ commit, files }) => {
    const wpIds = [...(arrived.get(commit) ?? [])]
    const doubted = wpIds.some(wpId => files.some(file => isOf.get(wpId)?.(file) === true))
    return { commit, files, ran: wpIds, doubted }
  })
}

/** Tests whether the WP owns a file or changed it in its lane. */
async function* filesOf(wpId: WpId, located: readonly Located[], run: RunContext): GitWork<(file: string) => boolean> {
  const found = located.find(({ wpResult }) => wpResult.node.wpId === wpId)
  if (!found?.worktree) return () => false
  const { path, promptPath } = found.worktree
  const { work } = found.wpResult.record
  const { workspace } = run.ports
  const file = await orNull(workspace.readPrompt(promptPath))
  const declared = readWpFile(file ?? new Uint8Array())
  // A WP that declares no files, or all of them, does not distinguish anything.
  const isOwned = declared.ownedFiles.length > 0 && !declared.codebaseWide ? ownedBy(declared) : () => false
  const changes = work ? yield* need(workspace.changes(path, work.baseCommit, work.headCommit)) : []
  const changed = new Set(changes.map(change => change.path))
  return name => isOwned(name) || changed.has(name)
}
