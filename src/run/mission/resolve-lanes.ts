import { isLaneId, type LaneId, type WpId } from '../../core/ids.ts'
import type { LaneWorktree } from '../../core/work-package/work-package.ts'
import { exitCodes, OrchestratorError } from '../../errors.ts'
import type { Clock } from '../clock.ts'
import type { HostClient } from '../host/host-client.ts'
import { laneWorktree } from '../steps/claim.ts'
import { faultPausesMs, isFault } from '../steps/mutate.ts'

/** The host names lanes `lane-` + one character from `a` on; the 27th is `{`, the 30th no valid branch name (measured). */
const mostLanes = 26

export type ResolvedLane =
  | { readonly kind: 'known'; readonly laneId: LaneId; readonly worktree: LaneWorktree | null }
  | { readonly kind: 'unknown'; readonly reason: string }

interface Asked {
  readonly mission: string
  readonly ports: { readonly host: HostClient; readonly clock: Clock }
  readonly stopping: AbortSignal
}

/** Asks which lane worktree each WP uses. A call without an answer is repeated. */
export async function resolveLanes(asked: Asked, wpIds: readonly WpId[]): Promise<ReadonlyMap<WpId, ResolvedLane>> {
  return new Map(await Promise.all(wpIds.map(async wpId => [wpId, await resolveLane(asked, wpId)] as const)))
}

async function resolveLane({ mission, ports, stopping }: Asked, wpId: WpId): Promise<ResolvedLane> {
  for (const pause of [...faultPausesMs, null]) {
    const answer = await ports.host.resolveWorkspace({ mission, wpId })
    if (answer.ok) {
      const { lane_id } = answer.data
      if (lane_id && isLaneId(lane_id)) return { kind: 'known', laneId: lane_id, worktree: laneWorktree(answer.data) }
      return { kind: 'unknown', reason: 'the host gives it no lane worktree' }
    }
    if (pause === null || !isFault(answer.code) || stopping.aborted) {
      return {
        kind: 'unknown',
        reason: `the host does not report its lane worktree (${answer.code}): ${answer.message}`,
      }
    }
    await ports.clock.sleep(pause, stopping)
  }
  throw new Error('unreachable: the last pause is null')
}

/** Refuses a mission with more lane worktrees than the host can name. With at most 26 WPs it asks nothing. */
export async function refuseTooManyLanes(asked: Asked, wpIds: readonly WpId[]): Promise<void> {
  if (wpIds.length <= mostLanes) return
  const resolved = [...(await resolveLanes(asked, wpIds)).values()]
  const lanes = new Set(resolved.flatMap(lane => (lane.kind === 'known' ? lane.laneId : []))).size
  if (lanes <= mostLanes) return
  throw new OrchestratorError({
    code: 'too-many-lanes',
    exitCode: exitCodes.usage,
    message: `the mission needs ${lanes} lane worktrees, and the host can name only ${mostLanes} (lane-a to lane-z)`,
    hint: 'split the mission, or let WPs that depend on each other share files so that they share a lane',
  })
}
