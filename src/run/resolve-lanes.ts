import { isLaneId, type LaneId, type WpId } from '../core/ids.ts'
import { exitCodes, OrchestratorError } from '../errors.ts'
import type { HostClient } from '../host/client.ts'
import { endRunIfHopeless } from './mutate.ts'

/** The host names lanes `lane-` + one character from `a` on; the 27th is `{`, the 30th no valid branch name (measured). */
export const mostLanes = 26

/** Asks which lane worktree each WP uses. A WP whose lane the host cannot tell is closed with the reason. */
export async function resolveLanes(
  asked: { readonly mission: string; readonly host: HostClient },
  wpIds: readonly WpId[],
  laneIds: Map<WpId, LaneId>,
  closed: Map<WpId, string>,
): Promise<void> {
  await Promise.all(
    wpIds.map(async wpId => {
      const answer = await asked.host.resolveWorkspace({ mission: asked.mission, wpId })
      if (!answer.ok) endRunIfHopeless(answer)
      const laneId = answer.ok ? answer.data.lane_id : undefined
      if (laneId && isLaneId(laneId)) laneIds.set(wpId, laneId)
      else closed.set(wpId, `the host gives it no lane worktree${answer.ok ? '' : `: ${answer.message}`}`)
    }),
  )
}

/** Refuses a mission with more lane worktrees than the host can name; with at most 26 WPs there is nothing to ask. */
export async function refuseTooManyLanes(
  asked: { readonly mission: string; readonly host: HostClient },
  wpIds: readonly WpId[],
): Promise<void> {
  if (wpIds.length <= mostLanes) return
  const laneIds = new Map<WpId, LaneId>()
  await resolveLanes(asked, wpIds, laneIds, new Map())
  const lanes = new Set(laneIds.values()).size
  if (lanes <= mostLanes) return
  throw new OrchestratorError({
    code: 'too-many-lanes',
    exitCode: exitCodes.usage,
    message: `the mission needs ${lanes} lane worktrees, and the host can name only ${mostLanes} (lane-a to lane-z)`,
    hint: 'split the mission, or let WPs that depend on each other share files so that they share a lane',
  })
}
