import { isWpId } from '../../core/ids.ts'
import { startsFromMission } from '../../core/mission/topology.ts'
import type { MissionState } from '../host/answers.ts'
import type { HostClient } from '../host/host-client.ts'

/**
 * The command that repairs a lane record that disagrees with the summary of mission-state. Measured (3.2.7): when the
 * record is lost, all WPs read as planned and none is counted. In coord topology the coordination worktree is missing;
 * otherwise the event log in the main checkout, which is committed after every move. A WP that is listed but not counted
 * is one whose file was added since. `resolve-workspace` still reports the topology.
 */
export async function cureOfSummary(host: HostClient, state: MissionState): Promise<string> {
  const { mission_slug: slug, summary, work_packages: listed } = state
  const isLost = Object.values(summary).every(count => count === 0)
  const wpId = listed.map(wp => wp.wp_id).find(isWpId)
  const asked = isLost && wpId !== undefined ? await host.resolveWorkspace({ mission: slug, wpId }) : null
  const baseRef = asked?.ok ? asked.data.lane_base_ref : undefined
  if (baseRef === undefined) {
    return `finish the work package files of kitty-specs/${slug} and its tasks.md, then: spec-kitty agent mission finalize-tasks --mission ${slug}`
  }
  return startsFromMission(baseRef)
    ? `git worktree prune && git worktree add .worktrees/${slug}-coord kitty/mission-${slug} && sko resume`
    : `git checkout HEAD -- kitty-specs/${slug}/status.events.jsonl && sko resume`
}
