import { quote } from '../../../core/text.ts'
import type { Outcome } from '../../../core/work-package/step.ts'
import type { Work, WorkPackage } from '../../../core/work-package/work-package.ts'
import type { Layout, Merged } from '../../gate/combining.ts'
import type { GitFailure } from '../../git/git-outcome.ts'
import { type GitWork, need } from '../../git/git-work.ts'
import type { RunContext } from '../../run-context.ts'
import { unanswered } from '../claim.ts'
import { mostNamed } from '../files/own-changes.ts'
import { protectedChanges } from '../files/protected-files.ts'
import { runChecks } from './run-checks.ts'

interface CheckedWork {
  readonly work: Work
  readonly head: string
  /** Start of the paths of the attempt's files. */
  readonly prefix: string
}

/**
 * `checks.also_base`: runs the checks on the work with the protected files as they were before it. No result when it has
 * not changed any.
 */
export async function* baseChecks(
  wp: WorkPackage,
  { work, head, prefix }: CheckedWork,
  run: RunContext,
): GitWork<Outcome> {
  const { checks } = run.config
  if (!checks.also_base) return { kind: 'checked', results: [] }
  const base = work.baseCommit
  const changed = (yield* protectedChanges(wp, { base, head }, run)).map(({ path }) => path)
  const names = new Set(changed)
  const files = yield* need(run.ports.combining.withFilesOf(base, head, path => names.has(path)))
  if (files === null) return { kind: 'checked', results: [] }
  const withBase = {
    commit: base,
    files: changed.slice(0, mostNamed).map(path => quote(path)),
    more: Math.max(0, changed.length - mostNamed),
  }
  return yield* inLayout(wp, files, run, layout => {
    return runChecks(wp, { path: layout.path, log: number => `${prefix}.check-${number}.base.log`, withBase }, run)
  })
}

async function* inLayout(
  wp: WorkPackage,
  files: Merged,
  run: RunContext,
  doChecks: (layout: Layout) => Promise<Outcome>,
): GitWork<Outcome> {
  const laidOut = await run.ports.combining.layOut(wp.worktree?.path ?? null)
  if (!laidOut.ok) return notRun(laidOut)
  const layout = laidOut.data
  try {
    const checkedOut = await layout.checkOut(files)
    if (!checkedOut.ok) return notRun(checkedOut)
    const outcome = await doChecks(layout)
    const failed = outcome.kind === 'checked' && outcome.results.some(({ exitCode }) => exitCode !== 0)
    const full = failed ? yield* need(layout.whyNoRoom()) : null
    return full === null ? outcome : unanswered(`${full}, and checks failed`)
  } finally {
    layout.remove()
  }
}

/** The work is not to blame: the folder or its disk is. */
function notRun({ message }: GitFailure): Outcome {
  return unanswered(`its checks could not be run with the protected files of the base: ${message}`)
}
