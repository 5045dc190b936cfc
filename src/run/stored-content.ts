import { ownStretches } from '../core/own-work.ts'
import { quote } from '../core/text.ts'
import type { CheckResult, Work, WorkPackage } from '../core/work-package.ts'
import { othersInLane } from './lane-history.ts'
import type { RunContext } from './run-context.ts'

const cure = [
  'For a repository of its own that belongs to the project: delete its `.git` folder; its files are committed then.',
  'For one that does not belong to it: remove the folder, or list it in .gitignore.',
  'For a submodule: commit inside it, push that to its remote, then commit the link here.',
]

/** A check of ours: a link to another repository is only work when its content can be had after the merge. */
export async function storedContentCheck(
  wp: WorkPackage,
  work: Work,
  run: RunContext,
): Promise<readonly CheckResult[]> {
  const path = wp.worktree?.path ?? ''
  const { workspace } = run.ports
  const stretches = ownStretches(await workspace.history(path, work.baseCommit), wp.record, othersInLane(wp, run))
  const found = await Promise.all(
    stretches.map(({ base, head }) => workspace.danglingLinks(path, base.commit, head.commit)),
  )
  const links = new Map(found.flat().map(link => [link.path, link]))
  if (links.size === 0) return []
  const named = [...links.values()].slice(0, 20).map(link => `- ${quote(link.path)} ${link.why}`)
  const output = ['What these folders hold would not be there after a merge:', ...named, ...cure].join('\n')
  return [{ command: 'sko: content is stored', exitCode: 1, output, log: null }]
}
