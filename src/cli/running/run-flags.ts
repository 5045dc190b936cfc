import type { ConfigOverrides } from '../../config/overrides.ts'

/** As commander hands them over; absent means: not given. */
export interface RunFlags {
  readonly repoRoot?: string
  readonly implAgent?: readonly string[]
  readonly reviewAgent?: readonly string[]
  readonly maxConcurrent?: number
  readonly actor?: string
  readonly accept?: boolean
  readonly merge?: string
  readonly push?: boolean
  readonly budgetUsd?: number
  readonly budgetTokens?: number
  readonly budgetSeconds?: number
  readonly wpBudgetUsd?: number
  readonly wpBudgetTokens?: number
  readonly wpBudgetSeconds?: number
  readonly json?: boolean
  readonly plain?: boolean
  readonly caffeinate: boolean
}

export function overridesOf(flags: RunFlags): ConfigOverrides {
  return {
    implementationAgents: flags.implAgent,
    reviewAgents: flags.reviewAgent,
    maxConcurrentWps: flags.maxConcurrent,
    actor: flags.actor,
    accept: flags.accept,
    merge: flags.merge,
    push: flags.push,
    budgetUsd: flags.budgetUsd,
    budgetTokens: flags.budgetTokens,
    budgetSeconds: flags.budgetSeconds,
    wpBudgetUsd: flags.wpBudgetUsd,
    wpBudgetTokens: flags.wpBudgetTokens,
    wpBudgetSeconds: flags.wpBudgetSeconds,
  }
}
