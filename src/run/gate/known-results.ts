import type { LaneSet } from '../../core/gate/next-probe.ts'
import { hostFilesOf } from '../../core/judgement/coverage.ts'
import type { CombinedResult } from '../../core/mission/finish-progress.ts'
import { redact } from '../../core/text.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import type { Merged } from './combining.ts'
import type { Together } from './together.ts'

/**
 * What these checks have said of the same files before. Files of the host do not count. null: they have not been checked.
 *
 * All lanes together can be what was checked in the last lane, such as one lane on a target without other changes. When the
 * guilty are searched, only results from the same place are compared: a lane worktree has what no commit has.
 */
export async function* knownResult(
  run: RunContext,
  { located, lanes }: Together,
  set: LaneSet,
  { tree }: Merged,
  earlier: readonly CombinedResult[],
): GitWork<CombinedResult | null> {
  const last = lanes[set.at(-1) ?? -1]
  const ofLanes = set.length === lanes.length ? located : []
  const works = ofLanes.flatMap(({ wpResult: { record } }) => {
    const { work } = record
    if (!work?.checks || work.headCommit !== last?.head) return []
    // Those with files of the base are of another tree.
    return [{ tree: work.tree, results: work.checks.filter(({ withBase }) => withBase === undefined) }]
  })
  const isHosts = hostFilesOf(run.mission)
  const commands = run.config.checks.run.map(redact)
  for (const known of [...earlier, ...works].toReversed()) {
    const { results } = known
    const same = results.length === commands.length && results.every(({ command }, n) => command === commands[n])
    if (!same) continue
    if ((yield* need(run.ports.combining.difference(known.tree, tree, isHosts))).length === 0) return { tree, results }
  }
  return null
}
