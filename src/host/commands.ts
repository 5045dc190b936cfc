import type { z } from 'zod'
import {
  type AcceptedMission,
  type AppendedHistory,
  acceptMissionData,
  appendHistoryData,
  type ContractVersion,
  contractVersionData,
  listReadyData,
  type MergedMission,
  type MissionState,
  mergeMissionData,
  missionStateData,
  type ReadyList,
  type ResolvedWorkspace,
  resolveWorkspaceData,
  type StartedImplementation,
  type StartedReview,
  startImplementationData,
  startReviewData,
  type Transitioned,
  transitionData,
} from '../run/host/answers.ts'
import type {
  AppendHistoryInput,
  MergeMissionInput,
  MissionInput,
  StartImplementationInput,
  StartReviewInput,
  TransitionInput,
  WpInput,
} from '../run/host/input.ts'
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
