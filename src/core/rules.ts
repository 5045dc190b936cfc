import type { AgentId } from './ids.ts'

/** The part of `.kittify/orchestrator.yaml` that decisions and the run use. The configuration has the same names. */
export interface RunRules {
  readonly max_concurrent_wps: number
  readonly actor: string
  readonly agents: AgentsRules
  readonly review: {
    readonly max_cycles: number
    readonly reviewer: 'require_other' | 'prefer_other' | 'any'
    readonly owned_files: 'show' | 'refuse'
    readonly complete_as: 'done' | 'approved'
  }
  readonly limits: { readonly on_usage_limit: 'wait' | 'switch' | 'stop'; readonly max_wait_seconds: number }
  readonly budget: BudgetRules
  readonly checks: ChecksRules
  readonly finish: {
    readonly accept: boolean
    readonly merge: 'merge' | 'squash' | 'rebase' | null
    readonly push: boolean
  }
  readonly host: { readonly command: string; readonly patience_seconds: number }
}

export interface ChecksRules {
  /** Shell commands. */
  readonly run: readonly string[]
  /** Globs of files that no work may change. */
  readonly protect: readonly string[]
  /** It may, and has to pass the commands with these files as they were before it, too. */
  readonly also_base: boolean
}

export interface AgentsRules {
  readonly implementation: readonly AgentId[]
  readonly review: readonly AgentId[]
  readonly max_retries: number
  readonly timeout_seconds: number
  readonly inactivity_seconds: number
  readonly single_agent_mode: false | { readonly agent: AgentId; readonly delay_seconds: number }
  readonly fallback_strategy: 'next_in_list' | 'same_agent' | 'fail'
  readonly settings: Readonly<Partial<Record<AgentId, AgentRules>>>
}

/** `agents.settings.<id>` */
export interface AgentRules extends RoleRules {
  readonly enabled: boolean
  readonly roles: readonly ('implementation' | 'review')[]
  readonly priority: number
  readonly max_concurrent: number | null
  readonly timeout_seconds: number | null
  readonly implementation: RoleRules
  readonly review: RoleRules
}

export interface RoleRules {
  readonly model: string | null
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** null: no ceiling. */
export interface Ceilings {
  readonly usd: number | null
  readonly tokens: number | null
  readonly wall_clock_seconds: number | null
}

export interface BudgetRules extends Ceilings {
  readonly work_package: Ceilings
  readonly running: 'finish' | 'stop'
}

/** All of the configuration that the choice of a WP's next step depends on. */
export interface StepRules {
  readonly agents: Pick<AgentsRules, 'max_retries' | 'single_agent_mode' | 'fallback_strategy'>
  readonly review: Pick<RunRules['review'], 'max_cycles' | 'reviewer'>
  readonly limits: RunRules['limits']
}
