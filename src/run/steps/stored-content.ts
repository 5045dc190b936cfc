import { someOf } from '../../core/format.ts'
import type { CheckResult } from '../../core/gate/check-result.ts'
import { quote } from '../../core/text.ts'
import { ownStretches } from '../../core/work-package/own-work.ts'
import type { Work, WorkPackage } from '../../core/work-package/work-package.ts'
import { showKept } from '../attempts/have-back.ts'
import { type GitWork, inParallel, need } from '../git/git-work.ts'
import type { DanglingLink } from '../git/workspace.ts'
import { othersInLane } from '../mission/lane-history.ts'
import type { RunContext } from '../run-context.ts'

/** The most folders that a refusal names. */
const mostNamed = 20

const cure = [
  'For a repository of its own that belongs to the project: delete its `.git` folder; its files are committed then.',
  'For one that does not belong to it: remove the folder, or list it in .gitignore.',
  'For a submodule: commit inside it, push that to its remote, then commit the link here.',
]

/** A built-in check: the content of a link to another repository must be available after the merge. */
export async function* storedContentCheck(
  wp: WorkPackage,
  work: Work,
  run: RunContext,
): GitWork<readonly CheckResult[]> {
  const path = wp.worktree?.path ?? ''
  const { workspace } = run.ports
  const history = yield* need(workspace.history(path, work.baseCommit))
  const stretches = ownStretches(history, wp.record, othersInLane(wp, run))
  const found = yield* inParallel([
    ...stretches.map(({ base, head }) => need(workspace.danglingLinks(path, base.commit, head.commit))),
    // These appear in no difference.
    need(workspace.unbornRepositories(path)),
  ])
  const links = [...new Map(found.flat().map(link => [link.path, link])).values()]
  if (links.length === 0) return []
  yield* keepIt(wp, links, run)
  const named = links.slice(0, mostNamed).map(link => `- ${quote(link.path)} ${link.why}`)
  const output = ['What these folders hold would be missing after a merge:', ...named, ...cure].join('\n')
  const cures = links.slice(0, mostNamed).flatMap(link => link.cure ?? [])
  const reason = quote(`a merge would leave out what is in ${someOf(links.map(link => link.path))}`)
  return [{ command: 'sko: content is stored', exitCode: 1, output, log: null, reason, cures }]
}

/** Keeps their commits and their uncommitted content before one is removed. */
async function* keepIt(
  { wpId, worktree, record }: WorkPackage,
  links: readonly DanglingLink[],
  run: RunContext,
): GitWork<void> {
  const why = `what is in repositories inside the worktree: ${someOf(links.map(link => link.path))}`
  const ref = yield* need(run.ports.workspace.keep(worktree?.path ?? '', { wpId, why, reason: 'nested-repository' }))
  const number = Number(ref.slice(ref.lastIndexOf('/') + 1))
  const attempt = record.attempts.at(-1)?.number ?? 0
  const kept = [{ ref, number, why }]
  run.ports.report({ type: 'work-kept', wpId, attempt, kept, next: showKept(wpId, kept) })
}
