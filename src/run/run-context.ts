import type { Config } from '../config/schema.ts'
import type { WpId } from '../core/ids.ts'
import type { AgentPool } from './agent-pool.ts'
import type { Ports } from './ports.ts'

/** What every part of one run shares. */
export interface RunContext {
  readonly runId: string
  /** Full slug, as a read of the host returned it. */
  readonly mission: string
  /** Name of the repository, for the evidence the host stores. */
  readonly repository: string
  readonly config: Config
  readonly ports: Ports
  readonly agents: AgentPool
  /** Aborted once the run is to stop: nothing new starts, agents are ended. */
  readonly stopping: AbortSignal
  /** `--wp`: only these and what they need; null for all. */
  readonly onlyWps: readonly WpId[] | null
}
