import type { z } from 'zod'
import { longestArgument } from '../../core/argument.ts'
import { shorten } from '../../core/text.ts'
import {
  acceptMissionData,
  appendHistoryData,
  contractVersionData,
  listReadyData,
  mergeMissionData,
  missionStateData,
  resolveWorkspaceData,
  startImplementationData,
  startReviewData,
  transitionData,
} from './answers.ts'
import type {
  AcceptMissionInput,
  AppendHistoryInput,
  HostInput,
  MergeMissionInput,
  MissionInput,
  NoInput,
  StartImplementationInput,
  StartReviewInput,
  TransitionInput,
  WpInput,
} from './input.ts'

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

/**
 * Every verb that the loop may call: the methods of `HostClient` are derived from this table. To add one, add an entry
 * with its shapes (input.ts, answers.ts), and record its answers in fixtures/host/<name>/.
 */
export const hostCommands = {
  contractVersion: command({
    name: 'contract-version',
    mutates: false,
    timeout: 'configured',
    args: (_: NoInput) => [],
    data: contractVersionData,
  }),
  missionState: command({
    name: 'mission-state',
    mutates: false,
    timeout: 'configured',
    args: missionFlag,
    data: missionStateData,
  }),
  listReady: command({
    name: 'list-ready',
    mutates: false,
    timeout: 'configured',
    args: missionFlag,
    data: listReadyData,
  }),
  resolveWorkspace: command({
    name: 'resolve-workspace',
    mutates: false,
    timeout: 'configured',
    args: wpFlags,
    data: resolveWorkspaceData,
  }),
  startImplementation: command({
    name: 'start-implementation',
    mutates: true,
    timeout: 'minutes',
    args: (input: StartImplementationInput, actor) => [
      ...wpFlags(input),
      '--actor',
      actor,
      ...jsonFlag('--policy', input.policy),
    ],
    data: startImplementationData,
  }),
  startReview: command({
    name: 'start-review',
    mutates: true,
    timeout: 'configured',
    args: (input: StartReviewInput, actor) => [
      ...wpFlags(input),
      '--actor',
      actor,
      ...jsonFlag('--policy', input.policy),
      ...flag('--review-ref', input.reviewRef),
    ],
    data: startReviewData,
  }),
  transition: command({
    name: 'transition',
    mutates: true,
    timeout: 'configured',
    args: (input: TransitionInput, actor) => [
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
  }),
  appendHistory: command({
    name: 'append-history',
    mutates: true,
    timeout: 'configured',
    args: (input: AppendHistoryInput, actor) => [
      ...wpFlags(input),
      '--actor',
      actor,
      '--note',
      noteArgument(input.note),
    ],
    data: appendHistoryData,
  }),
  acceptMission: command({
    name: 'accept-mission',
    mutates: true,
    timeout: 'configured',
    args: (input: AcceptMissionInput, actor) => [...missionFlag(input), '--actor', actor],
    data: acceptMissionData,
  }),
  /** The only writer without `--actor`. */
  mergeMission: command({
    name: 'merge-mission',
    mutates: true,
    timeout: 'minutes',
    args: (input: MergeMissionInput) => [
      ...missionFlag(input),
      ...flag('--target', input.target),
      ...flag('--strategy', input.strategy),
      ...(input.push === true ? ['--push'] : []),
    ],
    data: mergeMissionData,
  }),
}

/** Infers both types of an entry. */
function command<Input extends HostInput, Data>(entry: HostCommand<Input, Data>): HostCommand<Input, Data> {
  return entry
}

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

/** The note for the host, cut to fit an argument. NUL would end the argument, so it is replaced. */
export function noteArgument(note: string): string {
  return shorten(note.replaceAll('\0', '\ufffd'), longestArgument)
}
