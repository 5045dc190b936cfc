import { isAbsolute } from 'node:path'
import { z } from 'zod'

/** Shown on terminals and in logs, so nothing that moves a cursor. */
const line = z.string().regex(/^\P{Cc}*$/u, { error: 'Invalid input: expected text without control characters' })
/** Passed to git and shown in commands to run. */
const ref = z.string().regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, { error: 'Invalid input: expected a branch name' })

const slug = { mission_slug: line }
/** The user's folders may have any name. */
const absolutePath = z
  .string()
  .refine(path => isAbsolute(path) && !path.includes('\0'), { error: 'Invalid input: expected an absolute path' })

const workspace = {
  ...slug,
  wp_id: line,
  workspace_path: absolutePath,
  prompt_path: absolutePath,
  /** These three are absent when the WP has no lane. */
  lane_id: line.optional(),
  lane_branch: ref.optional(),
  lane_base_ref: ref.optional(),
}

const moved = { ...slug, wp_id: line, from_lane: line, to_lane: line }

export const contractVersionData = z.object({ api_version: z.string() }).readonly()

/** `last_actor` is left out on purpose: it is always null (the host reads a key that its reducer does not write). */
export const missionStateData = z
  .object({
    ...slug,
    summary: z.record(z.string(), z.int().nonnegative()).readonly(),
    work_packages: z
      .array(z.object({ wp_id: line, lane: line, dependencies: z.array(line).readonly() }).readonly())
      .readonly(),
  })
  .readonly()

export const listReadyData = z
  .object({ ...slug, ready_work_packages: z.array(z.object({ wp_id: z.string() }).readonly()).readonly() })
  .readonly()

export const resolveWorkspaceData = z.object(workspace).readonly()
export const startImplementationData = z.object({ ...workspace, ...moved, no_op: z.boolean() }).readonly()
export const startReviewData = z.object({ ...moved, prompt_path: absolutePath, no_op: z.boolean() }).readonly()
export const transitionData = z.object(moved).readonly()
export const appendHistoryData = z.object({ ...slug, wp_id: z.string(), history_entry_id: z.string() }).readonly()
export const acceptMissionData = z.object({ ...slug, accepted: z.literal(true) }).readonly()
export const mergeMissionData = z
  .object({ ...slug, merged: z.literal(true), target_branch: line, strategy: line })
  .readonly()

export type ContractVersion = z.infer<typeof contractVersionData>
export type MissionState = z.infer<typeof missionStateData>
export type ReadyList = z.infer<typeof listReadyData>
export type ResolvedWorkspace = z.infer<typeof resolveWorkspaceData>
export type StartedImplementation = z.infer<typeof startImplementationData>
/** `no_op` is also the answer to another actor: start-review is no lock. */
export type StartedReview = z.infer<typeof startReviewData>
export type Transitioned = z.infer<typeof transitionData>
export type AppendedHistory = z.infer<typeof appendHistoryData>
export type AcceptedMission = z.infer<typeof acceptMissionData>
export type MergedMission = z.infer<typeof mergeMissionData>

/** `outcome` is `updated`, which is also said of a mark that was there, `already_satisfied` or `not_found`. */
export const markedSubtasks = z
  .object({ results: z.array(z.object({ id: z.string(), outcome: z.string() }).readonly()).readonly() })
  .readonly()

export type MarkedSubtasks = z.infer<typeof markedSubtasks>
