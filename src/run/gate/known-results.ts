import type { LaneSet } from '../../core/gate/next-probe.ts'
import { isHostFile } from '../../core/judgement/coverage.ts'
import type { CombinedResult } from '../../core/mission/finish-progress.ts'
import { redact } from '../../core/text.ts'
import { type GitWork, need } from '../git/git-work.ts'
import type { RunContext } from '../run-context.ts'
import type { Merged } from './combining.ts'
import type { Together } from './together.ts'

/**
 * What these checks have said of the same files before, in this run or of the last lane alone: one lane on a target
 * without other changes is what was reviewed. Files of the host do not count. null: they have not been checked.
 */
export async function* knownResult(
  run: RunContext,
  { located, lanes }: Together,
  set: LaneSet,
  { tree }: Merged,
  earlier: readonly CombinedResult[],
): GitWork<CombinedResult | null> {
  const last = lanes[set.at(-1) ?? -1]
  const works = located.flatMap(({ wpResult: { record } }) => {
    const { work } = record
    return work?.checks && work.headCommit === last?.head ? [{ tree: work.tree, results: work.checks }] : []
  })
  const isHosts = (path: string) => isHostFile(path, run.mission)
  const commands = run.config.checks.run.map(redact)
  for (const known of [...earlier, ...works].toReversed()) {
    const { results } = known
    const same = results.length === commands.length && results.every(({ command }, n) => command === commands[n])
    if (!same) continue
    if ((yield* need(run.ports.combining.difference(known.tree, tree, isHosts))).length === 0) return { tree, results }
  }
  return null
}
