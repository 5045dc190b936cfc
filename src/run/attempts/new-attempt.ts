import type { AgentId } from '../../core/ids.ts'
import type { ReviewedRange } from '../../core/judgement/coverage.ts'
import type { Dilution } from '../../core/judgement/dilution/dilution.ts'
import type { Attempt, Role, WorkPackage } from '../../core/work-package/work-package.ts'
import type { RunContext } from '../run-context.ts'

export interface AttemptPlan {
  readonly wp: WorkPackage
  readonly role: Role
  readonly agent: AgentId
  readonly worktree: string
  readonly prompt: Uint8Array
  /** HEAD of the worktree now. */
  readonly baseCommit: string
  /** Where the WP's work began, if the record does not know it yet. */
  readonly wpBase: string | null
  /** The session of the agent to continue; null for a new one. */
  readonly resumeSession: string | null
  /** The model that the frontmatter of the WP asks for; null: none that is used. */
  readonly wpModel?: string | null
  /** For a review: what its reviewer is shown. */
  readonly shown?: readonly ReviewedRange[]
  /** For a review: what its reviewer must answer about. */
  readonly dilutions?: readonly Dilution[]
}

/** The attempt before its start. */
export function newAttempt(plan: AttemptPlan, run: RunContext): Attempt {
  const { wp, role, agent, baseCommit, resumeSession, shown, dilutions = [] } = plan
  const ofWp = plan.wpModel ?? null
  const configuredModel = ofWp ?? run.agents.model(agent, role)
  return {
    number: 1 + Math.max(0, ...wp.record.attempts.map(attempt => attempt.number)),
    role,
    cycle: wp.record.cycle,
    agent,
    baseCommit,
    startedAt: new Date(run.ports.clock.now()).toISOString(),
    endedAt: null,
    process: null,
    result: null,
    headCommit: null,
    usage: null,
    lastWords: null,
    sessionId: null,
    resumedSession: resumeSession,
    ...(shown ? { shown } : {}),
    ...(dilutions.length > 0 ? { dilutions } : {}),
    ...(configuredModel === null ? {} : { configuredModel }),
    ...(ofWp === null ? {} : { wpModel: true }),
  }
}
