import type { WpId } from '../core/ids.ts'
import type { RunRules } from '../core/rules.ts'
import type { AgentPool } from './attempts/agent-pool.ts'
import type { AdoptedAttempt } from './attempts/ended-attempt.ts'
import type { RunBudget } from './budget/budget.ts'
import type { Rehearsal } from './gate/rehearsal.ts'
import type { WorktreesInUse } from './mission/worktrees-in-use.ts'
import type { ModelWatch } from './models/model-watch.ts'
import type { Ports } from './ports.ts'
import type { Requests } from './requests/requests.ts'

/** What every part of one run shares. */
export interface RunContext {
  readonly runId: string
  /** Full slug, as a read of the host returned it. */
  readonly mission: string
  /** The ULID of the host; null for a mission from before mission ids. */
  readonly missionId: string | null
  /** Name of the repository, for the evidence the host stores. */
  readonly repository: string
  readonly config: RunRules
  readonly ports: Ports
  readonly agents: AgentPool
  readonly budget: RunBudget
  readonly models: ModelWatch
  /** Attempts that an earlier process of this run started and this process follows. */
  readonly adopted: ReadonlyMap<WpId, AdoptedAttempt>
  readonly worktrees: WorktreesInUse
  /** Whether another WP that is being worked on could use the lane worktree of this one. */
  readonly couldMeet: (wpId: WpId) => boolean
  /** Approved work that conflicts with what the WP has committed. */
  readonly foretold: Rehearsal['foretold']
  /** Requests of a person during the run. */
  readonly requests: Requests
  /** False while the run is paused or ending: running agents finish, nothing new starts. */
  readonly mayBegin: () => boolean
  /** Aborted when the run must stop: nothing new starts, agents are stopped. */
  readonly stopping: AbortSignal
  /** `--wp`: only these and what they need; null for all. */
  readonly onlyWps: readonly WpId[] | null
}
