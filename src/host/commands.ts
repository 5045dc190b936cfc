import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type {
  AppendHistoryInput,
  MergeMissionInput,
  MissionInput,
  StartImplementationInput,
  StartReviewInput,
  TransitionInput,
  WpInput,
} from './input.ts'
import { noteArgument } from './sharp-edges.ts'

/** One verb of `spec-kitty orchestrator-api`. */
export interface HostCommand<Input, Data> {
  readonly name: string
  readonly mutates: boolean
  /** `minutes`: allocates a worktree or merges, which takes as long as git does. */
  readonly timeout: 'configured' | 'minutes'
  /** Arguments after the verb. A value that begins with a dash is safe as an argument of its own (measured). */
  readonly args: (input: Input, actor: string) => readonly string[]
  /** `data` of a success; further fields are dropped. */
  readonly data: z.ZodType<Data>
}

/** Shown on terminals and in logs, so nothing that moves a cursor. */
const line = z.string().regex(/^\P{Cc}*$/u, { error: 'Invalid input: expected text without control characters' })
/** Handed to git and named in commands to type. */
const ref = z.string().regex(/^[^-\s\p{Cc}][^\s\p{Cc}]*$/u, { error: 'Invalid input: expected a branch name' })

const slug = { mission_slug: line }
/** The user's own folders may be named with anything. */
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

const contractVersionData = z.object({ api_version: z.string() }).readonly()

/** `last_actor` is left out on purpose: it is always null (the host reads a key that its reducer does not write). */
const missionStateData = z
  .object({
    ...slug,
    summary: z.record(z.string(), z.int().nonnegative()).readonly(),
    work_packages: z
      .array(z.object({ wp_id: line, lane: line, dependencies: z.array(line).readonly() }).readonly())
      .readonly(),
  })
  .readonly()

const listReadyData = z
  .object({ ...slug, ready_work_packages: z.array(z.object({ wp_id: z.string() }).readonly()).readonly() })
  .readonly()

const resolveWorkspaceData = z.object(workspace).readonly()
const startImplementationData = z.object({ ...workspace, ...moved, no_op: z.boolean() }).readonly()
const startReviewData = z.object({ ...moved, prompt_path: absolutePath, no_op: z.boolean() }).readonly()
const transitionData = z.object(moved).readonly()
const appendHistoryData = z.object({ ...slug, wp_id: z.string(), history_entry_id: z.string() }).readonly()
const acceptMissionData = z.object({ ...slug, accepted: z.literal(true) }).readonly()
const mergeMissionData = z.object({ ...slug, merged: z.literal(true), target_branch: line, strategy: line }).readonly()

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

const contractVersion: HostCommand<object, ContractVersion> = {
  name: 'contract-version',
  mutates: false,
  timeout: 'configured',
  args: () => [],
  data: contractVersionData,
}

const missionState: HostCommand<MissionInput, MissionState> = {
  name: 'mission-state',
  mutates: false,
  timeout: 'configured',
  args: missionFlag,
  data: missionStateData,
}

const listReady: HostCommand<MissionInput, ReadyList> = {
  name: 'list-ready',
  mutates: false,
  timeout: 'configured',
  args: missionFlag,
  data: listReadyData,
}

const resolveWorkspace: HostCommand<WpInput, ResolvedWorkspace> = {
  name: 'resolve-workspace',
  mutates: false,
  timeout: 'configured',
  args: wpFlags,
  data: resolveWorkspaceData,
}

const startImplementation: HostCommand<StartImplementationInput, StartedImplementation> = {
  name: 'start-implementation',
  mutates: true,
  timeout: 'minutes',
  args: (input, actor) => [...wpFlags(input), '--actor', actor, ...jsonFlag('--policy', input.policy)],
  data: startImplementationData,
}

const startReview: HostCommand<StartReviewInput, StartedReview> = {
  name: 'start-review',
  mutates: true,
  timeout: 'configured',
  args: (input, actor) => [
    ...wpFlags(input),
    '--actor',
    actor,
    ...jsonFlag('--policy', input.policy),
    ...flag('--review-ref', input.reviewRef),
  ],
  data: startReviewData,
}

const transition: HostCommand<TransitionInput, Transitioned> = {
  name: 'transition',
  mutates: true,
  timeout: 'configured',
  args: (input, actor) => [
    ...wpFlags(input),
    '--to',
    input.to,
    '--actor',
    actor,
    ...jsonFlag('--policy', input.policy),
    ...jsonFlag('--review-result-json', input.reviewResult),
    ...jsonFlag('--evidence-json', input.evidence),
    ...flag('--review-ref', input.reviewRef),
    ...flag('--note', input.note === undefined ? undefined : noteArgument(input.note)),
  ],
  data: transitionData,
}

const appendHistory: HostCommand<AppendHistoryInput, AppendedHistory> = {
  name: 'append-history',
  mutates: true,
  timeout: 'configured',
  args: (input, actor) => [...wpFlags(input), '--actor', actor, '--note', noteArgument(input.note)],
  data: appendHistoryData,
}

const acceptMission: HostCommand<MissionInput, AcceptedMission> = {
  name: 'accept-mission',
  mutates: true,
  timeout: 'configured',
  args: (input, actor) => [...missionFlag(input), '--actor', actor],
  data: acceptMissionData,
}

/** The only writer without `--actor`. */
const mergeMission: HostCommand<MergeMissionInput, MergedMission> = {
  name: 'merge-mission',
  mutates: true,
  timeout: 'minutes',
  args: input => [
    ...missionFlag(input),
    ...flag('--target', input.target),
    ...flag('--strategy', input.strategy),
    ...(input.push === true ? ['--push'] : []),
  ],
  data: mergeMissionData,
}

export const hostCommands = {
  contractVersion,
  missionState,
  listReady,
  resolveWorkspace,
  startImplementation,
  startReview,
  transition,
  appendHistory,
  acceptMission,
  mergeMission,
} as const

function missionFlag(input: MissionInput): readonly string[] {
  return ['--mission', input.mission]
}

function wpFlags(input: WpInput): readonly string[] {
  return [...missionFlag(input), '--wp', input.wpId]
}

function flag(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value]
}

function jsonFlag(name: string, value: object | undefined): readonly string[] {
  return value === undefined ? [] : [name, JSON.stringify(value)]
}
