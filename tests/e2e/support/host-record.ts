import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { RealMission } from './real-mission.ts'

/** A lane change as the host stored it; its log holds annotations too, which have no lane. */
const laneEventSchema = z.object({
  wp_id: z.string(),
  from_lane: z.string(),
  to_lane: z.string(),
  actor: z.string(),
  force: z.boolean(),
  /** The note. */
  reason: z.string().nullable(),
  review_result: z.object({ reviewer: z.string(), verdict: z.string(), reference: z.string() }).nullish(),
})

export type LaneEvent = z.infer<typeof laneEventSchema>

/** Every lane change of the mission in its order. Only tests may read the host's files. */
export function laneEvents({ repo, mission }: Pick<RealMission, 'repo' | 'mission'>): readonly LaneEvent[] {
  const inCheckout = join('kitty-specs', mission, 'status.events.jsonl')
  const inCoord = join(repo, '.worktrees', `${mission}-coord`, inCheckout)
  const file = existsSync(inCoord) ? inCoord : join(repo, inCheckout)
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines
    .map(line => JSON.parse(line))
    .flatMap(event => ('to_lane' in event ? [laneEventSchema.parse(event)] : []))
}
