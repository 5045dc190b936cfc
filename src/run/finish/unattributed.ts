import type { WpId } from '../../core/ids.ts'
import type { TargetCommit } from '../events/coverage-event.ts'
import type { Located } from '../mission/located.ts'
import { readWpFile } from '../mission/wp-file.ts'
import type { RunContext } from '../run-context.ts'
import { ownedBy } from '../steps/owned-files.ts'
import { uncoveredCommits } from './coverage.ts'

/**
 * Commits that came onto the checked-out branch of the main checkout while attempts ran, and that neither a judgement nor
 * a person's word covers. Nothing proves who made one: an agent has the person's identity, and time says only that it ran.
 * So one is doubted where it has files that a WP at work at the time owns or has changed in its lane, as an agent that
 * works in the wrong checkout leaves them; of all others a person is believed to be the author.
 */
export async function unattributedCommits(
  run: RunContext,
  located: readonly Located[],
): Promise<readonly TargetCommit[]> {
  const { commits, store } = run.ports
  const arrived = new Map<string, Set<WpId>>()
  for (const { wpId, attempts } of store.records()) {
    for (const moved of attempts.flatMap(({ strayed }) => strayed?.moved ?? [])) {
      for (const { commit } of await commits.graph([moved.to], [moved.from])) {
        arrived.set(commit, (arrived.get(commit) ?? new Set()).add(wpId))
      }
    }
  }
  const tips = [...arrived.keys()]
  if (tips.length === 0) return []
  const open = await uncoveredCommits(run, store.records(), { tips, lanes: [], target: null })
  const here = await Promise.all(
    open
      .filter(({ commit }) => arrived.has(commit))
      .map(async at => ((await commits.isAncestor(at.commit, 'HEAD')) ? [at] : [])),
  )
  const ran = new Set([...arrived.values()].flatMap(wpIds => [...wpIds]))
  const isOf = new Map(
    await Promise.all([...ran].map(async wpId => [wpId, await filesOf(wpId, located, run)] as const)),
  )
  return here.flat().map(({ commit, files }) => {
    const wpIds = [...(arrived.get(commit) ?? [])]
    const doubted = wpIds.some(wpId => files.some(file => isOf.get(wpId)?.(file) === true))
    return { commit, files, ran: wpIds, doubted }
  })
}

/** Whether a file is one that the WP says to own, or that was changed in its lane. */
async function filesOf(wpId: WpId, located: readonly Located[], run: RunContext): Promise<(file: string) => boolean> {
  const found = located.find(({ standing }) => standing.node.wpId === wpId)
  if (!found?.worktree) return () => false
  const { path, promptPath } = found.worktree
  const { work } = found.standing.record
  const { workspace } = run.ports
  const file = await workspace.readPrompt(promptPath).catch(() => new Uint8Array())
  const declared = readWpFile(file)
  // One that declares nothing, or everything, tells nothing apart.
  const isOwned = declared.ownedFiles.length > 0 && !declared.codebaseWide ? ownedBy(declared) : () => false
  const changed = new Set(work ? await workspace.changedFiles(path, work.baseCommit, work.headCommit) : [])
  return name => isOwned(name) || changed.has(name)
}
