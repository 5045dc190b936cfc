import { laneName } from '../../../core/mission/lane.ts'
import { lookedFrom } from '../../mission/look.ts'
import type { WpResult } from '../../mission/wp-result.ts'
import type { RunContext } from '../../run-context.ts'

/**
 * The host moves approved WPs to done when it merges the mission. Reports these moves and returns the results with the
 * lanes as they are now; unchanged when the host does not answer, because the merge itself is proven.
 */
export async function lanesAfterMerge(run: RunContext, wpResults: readonly WpResult[]): Promise<readonly WpResult[]> {
  if (wpResults.every(({ node }) => node.lane !== 'approved')) return wpResults
  const { host, report } = run.ports
  const looked = await lookedFrom(host, run.mission, await host.missionState({ mission: run.mission }))
  if (looked.kind === 'odd') return wpResults
  const now = new Map(looked.mission.nodes.map(node => [node.wpId, node]))
  return wpResults.map(wpResult => {
    const node = now.get(wpResult.node.wpId) ?? wpResult.node
    const [from, to] = [laneName(wpResult.node.lane), laneName(node.lane)]
    if (from !== to) report({ type: 'lane-changed', wpId: node.wpId, from, to })
    return { ...wpResult, node }
  })
}
