import { laneName } from '../core/mission/lane.ts'
import { recordsIn } from '../core/mission/mission-schedule.ts'
import { stillIn, type TakenAway, takenAwayIn } from '../core/mission/taken-away.ts'
import type { LaneWorktree } from '../core/work-package/work-package.ts'
import type { Loop } from './loop.ts'

/** One look at the mission, and what follows from it. Nothing follows from an odd one. */
export async function lookOnce(loop: Loop): Promise<void> {
  const { watch, vouchings, hostActs } = loop
  loop.apply({ type: 'look-began' })
  const before = stillIn(loop.known())
  const looked = await watch.look(worktreesIn(loop).flatMap(({ baseRef }) => baseRef ?? []))
  if (!looked) return
  const taken = takenAwayIn(looked.nodes, loop.known(), before)
  loop.apply({ type: 'looked', nodes: looked.nodes })
  for (const wp of taken) leave(loop, wp)
  await vouchings.look(looked.nodes, recordsIn(loop.known()))
  await hostActs.look(looked.nodes, worktreesIn(loop)[0]?.promptPath ?? null)
}

/** Those that this run has met. */
function worktreesIn({ known }: Loop): readonly LaneWorktree[] {
  return [...known().workPackages.values()].flatMap(({ worktree }) => worktree ?? [])
}

/** Someone else moved the WP: stop its agent, keep the work as a commit, release the WP. */
function leave(loop: Loop, { wpId, from, to }: TakenAway): void {
  const { run, drivers } = loop
  loop.apply({ type: 'taken-away', wpId, from, to })
  run.ports.report({ type: 'wp-taken-away', wpId, from: laneName(from), to: laneName(to) })
  drivers.stopAgent(wpId)
  run.adopted.get(wpId)?.abandon()
}
