import type { GraphNode } from '../core/mission/graph.ts'
import { laneName } from '../core/mission/lane.ts'
import { recordsIn } from '../core/mission/mission-schedule.ts'
import { stillIn, type TakenAway, takenAwayIn } from '../core/mission/taken-away.ts'
import type { LaneWorktree } from '../core/work-package/work-package.ts'
import type { Loop } from './loop.ts'

/** One look at the mission and its effects. An odd answer has none. */
export async function lookOnce(loop: Loop): Promise<void> {
  const { watch, looks, vouchings, hostActs } = loop
  looks.began()
  loop.run.worktrees.forgetNames()
  loop.apply({ type: 'look-began' })
  const before = stillIn(loop.known())
  const look = () => watch.look(worktreesIn(loop).flatMap(({ baseRef }) => baseRef ?? []))
  const first = await look()
  if (!first) return
  const suspects = takenAwayIn(first.nodes, loop.known(), before)
  if (suspects.length > 0) await loop.run.ports.clock.sleep(lookAgainMs, loop.run.stopping)
  const looked = suspects.length > 0 ? await look() : first
  if (!looked) return
  const taken = takenAwayIn(looked.nodes, loop.known(), before).filter(wp => suspects.some(isSame(wp)))
  loop.apply({ type: 'looked', nodes: looked.nodes })
  for (const wp of taken) leave(loop, wp)
  if (suspects.some(wp => !taken.some(isSame(wp)) && isStillThere(wp, looked.nodes))) lookSoon(loop)
  await vouchings.look(looked.nodes, recordsIn(loop.known()))
  await hostActs.look(looked.nodes, worktreesIn(loop)[0]?.promptPath ?? null)
}

/** A WP is released only when two looks agree: one may be of a record that is being written. */
const lookAgainMs = 2000

function isSame(wp: TakenAway): (other: TakenAway) => boolean {
  return other => other.wpId === wp.wpId && laneName(other.to) === laneName(wp.to)
}

function isStillThere({ wpId, to }: TakenAway, nodes: readonly GraphNode[]): boolean {
  return nodes.some(node => node.wpId === wpId && laneName(node.lane) === laneName(to))
}

/** The driver went on to another step during the look, which therefore proves nothing. The next one may. */
function lookSoon({ looks, bell }: Loop): void {
  looks.want()
  bell.ring()
}

/** The lane worktrees that this run has met. */
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
