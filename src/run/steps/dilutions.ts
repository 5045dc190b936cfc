import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { Dilution } from '../../core/judgement/dilution/dilution.ts'
import { findDilutions, pathsToRead } from '../../core/judgement/dilution/find-dilutions.ts'
import { type GitWork, inParallel, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'

/** Of a difference without context; what is beyond is named in a question. */
const longestPatch = 4_000_000

/** What may make tests or checks say less in the ranges that a reviewer is shown, each file once for each kind. */
export async function* dilutionsIn(
  worktree: string,
  ranges: readonly ReviewedRange[],
  run: RunContext,
): GitWork<readonly Dilution[]> {
  const found = yield* inParallel(ranges.map(range => dilutionsOf(worktree, range, run)))
  return [...new Map(found.flat().map(dilution => [`${dilution.kind} ${dilution.file}`, dilution])).values()]
}

async function* dilutionsOf(
  worktree: string,
  { base, head }: ReviewedRange,
  { ports: { workspace }, config }: RunContext,
): GitWork<readonly Dilution[]> {
  const commands = config.checks.run
  const changes = yield* need(workspace.changes(worktree, base, head))
  const paths = pathsToRead(changes, commands)
  const patch =
    paths.length === 0
      ? { text: '', cut: false }
      : yield* need(workspace.bareDiff(worktree, base, head, paths, longestPatch))
  return findDilutions({ changes, patch }, commands)
}
