import picomatch from 'picomatch'
import { listInFrontmatter } from '../core/frontmatter.ts'
import { ownStretches } from '../core/own-work.ts'
import type { CheckResult, Work, WorkPackage } from '../core/work-package.ts'
import { othersInLane } from './lane-history.ts'
import type { RunContext } from './run-context.ts'

/** What a WP changed outside the files that its own file declares (`owned_files`); empty where it declares none. */
export async function changedOutside(
  wp: WorkPackage,
  base: string,
  wpText: string,
  run: RunContext,
): Promise<readonly string[]> {
  const owned = listInFrontmatter(wpText, 'owned_files')
  if (owned.length === 0 || !wp.worktree) return []
  const isOwned = picomatch([...owned], { dot: true })
  const { workspace } = run.ports
  const { path } = wp.worktree
  const stretches = ownStretches(await workspace.history(path, base), othersInLane(wp, run))
  const changed = await Promise.all(
    stretches.map(({ base, head }) => workspace.changedFiles(path, base.commit, head.commit)),
  )
  return [...new Set(changed.flat())].filter(file => !isOwned(file)).toSorted()
}

/** As a check of its own, where `review.owned_files` is `refuse`: no result when nothing is outside. */
export async function ownedFilesCheck(wp: WorkPackage, work: Work, run: RunContext): Promise<CheckResult[]> {
  if (run.config.review.owned_files === 'show' || !wp.worktree) return []
  const wpText = new TextDecoder().decode(await run.ports.workspace.readPrompt(wp.worktree.promptPath))
  const outside = await changedOutside(wp, work.baseCommit, wpText, run)
  if (outside.length === 0) return []
  const output = `Changed outside owned_files, which this project does not allow:\n${outside.join('\n')}`
  return [{ command: 'review.owned_files: refuse', exitCode: 1, output, log: '' }]
}
