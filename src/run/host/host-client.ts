import type { HostOutcome } from '../../core/host-outcome.ts'
import type {
  AcceptedMission,
  AppendedHistory,
  ContractVersion,
  MarkedSubtasks,
  MergedMission,
  MissionState,
  ReadyList,
  ResolvedWorkspace,
  StartedImplementation,
  StartedReview,
  Transitioned,
} from './answers.ts'
import type {
  AcceptMissionInput,
  AppendHistoryInput,
  MarkSubtasksInput,
  MergeMissionInput,
  MissionInput,
  StartImplementationInput,
  StartReviewInput,
  TransitionInput,
  WpInput,
} from './input.ts'

/** `spec-kitty orchestrator-api`, one method per loop command; the actor is one constant for all of them. */
export interface HostClient {
  contractVersion(): Promise<HostOutcome<ContractVersion>>
  missionState(input: MissionInput): Promise<HostOutcome<MissionState>>
  listReady(input: MissionInput): Promise<HostOutcome<ReadyList>>
  resolveWorkspace(input: WpInput): Promise<HostOutcome<ResolvedWorkspace>>
  startImplementation(input: StartImplementationInput): Promise<HostOutcome<StartedImplementation>>
  startReview(input: StartReviewInput): Promise<HostOutcome<StartedReview>>
  transition(input: TransitionInput): Promise<HostOutcome<Transitioned>>
  appendHistory(input: AppendHistoryInput): Promise<HostOutcome<AppendedHistory>>
  acceptMission(input: AcceptMissionInput): Promise<HostOutcome<AcceptedMission>>
  mergeMission(input: MergeMissionInput): Promise<HostOutcome<MergedMission>>
  /** `spec-kitty agent tasks mark-status`: outside orchestrator-api, the only way to satisfy the subtask guard. */
  markSubtasks(input: MarkSubtasksInput): Promise<HostOutcome<MarkedSubtasks>>
}
