import type { WpId } from '../core/ids.ts'
import type { HostOutcome } from './outcome.ts'

/** The `--policy` JSON; values must not contain token, secret, key, password or credential (the host refuses them). */
export interface Policy {
  readonly orchestrator_id: string
  readonly orchestrator_version: string
  readonly agent_family: string
  readonly approval_mode: string
  readonly sandbox_mode: string
  readonly network_mode: string
  readonly dangerous_flags: readonly string[]
  readonly tool_restrictions: string | null
}

export interface ReviewResult {
  readonly reviewer: string
  readonly verdict: 'approved' | 'changes_requested'
  readonly reference: string
}

export interface Evidence {
  readonly review: ReviewResult
  readonly repos: readonly { readonly repo: string; readonly branch: string; readonly commit: string }[]
}

export interface MissionState {
  readonly mission_slug: string
  readonly summary: Readonly<Record<string, number>>
  readonly work_packages: readonly {
    readonly wp_id: string
    readonly lane: string
    readonly dependencies: readonly string[]
  }[]
}

export interface ResolvedWorkspace {
  readonly wp_id: string
  readonly workspace_path: string
  readonly prompt_path: string
  readonly lane_id?: string | undefined
  readonly lane_branch?: string | undefined
  readonly lane_base_ref?: string | undefined
}

export interface StartedImplementation extends ResolvedWorkspace {
  readonly from_lane: string
  readonly to_lane: string
  readonly no_op: boolean
}

export interface TransitionInput {
  readonly mission: string
  readonly wpId: WpId
  readonly to: string
  readonly note?: string
  readonly policy?: Policy
  readonly reviewRef?: string
  readonly reviewResult?: ReviewResult
  readonly evidence?: Evidence
}

/** `spec-kitty orchestrator-api`, one method per loop command; the actor is one constant for all of them. */
export interface HostClient {
  contractVersion(): Promise<HostOutcome<{ readonly api_version: string }>>
  missionState(input: { readonly mission: string }): Promise<HostOutcome<MissionState>>
  listReady(input: {
    readonly mission: string
  }): Promise<HostOutcome<{ readonly ready_work_packages: readonly { readonly wp_id: string }[] }>>
  resolveWorkspace(input: { readonly mission: string; readonly wpId: WpId }): Promise<HostOutcome<ResolvedWorkspace>>
  startImplementation(input: {
    readonly mission: string
    readonly wpId: WpId
    readonly policy: Policy
  }): Promise<HostOutcome<StartedImplementation>>
  startReview(input: {
    readonly mission: string
    readonly wpId: WpId
    readonly policy: Policy
    readonly reviewRef?: string
  }): Promise<
    HostOutcome<{
      readonly from_lane: string
      readonly to_lane: string
      readonly prompt_path: string
      readonly no_op: boolean
    }>
  >
  transition(input: TransitionInput): Promise<HostOutcome<{ readonly from_lane: string; readonly to_lane: string }>>
  appendHistory(input: {
    readonly mission: string
    readonly wpId: WpId
    readonly note: string
  }): Promise<HostOutcome<{ readonly history_entry_id: string }>>
  acceptMission(input: { readonly mission: string }): Promise<HostOutcome<{ readonly accepted: boolean }>>
  mergeMission(input: {
    readonly mission: string
    readonly target?: string
    readonly strategy?: 'merge' | 'squash' | 'rebase'
    readonly push?: boolean
  }): Promise<HostOutcome<{ readonly merged: boolean; readonly target_branch: string; readonly strategy: string }>>
  /** `spec-kitty agent tasks mark-status`: outside orchestrator-api, the only way to satisfy the subtask guard. */
  markSubtasks(input: { readonly mission: string; readonly subtasks: readonly string[] }): Promise<HostOutcome<object>>
}
