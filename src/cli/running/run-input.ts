import type { Config } from '../../config/schema.ts'
import type { Repository } from '../../git/repository.ts'
import type { HostCallRecord } from '../../host/client.ts'
import type { WarmHost } from '../../host/warm/warm-host.ts'
import type { Mission } from '../../run/mission/look.ts'
import type { RunStore } from '../../state/store.ts'
import type { Agents } from '../shared/open-project.ts'
import type { OutputOptions } from '../terminal/output.ts'
import type { Shutdown } from './shutdown.ts'

/** Everything that a run is started or resumed with. */
export interface RunInput {
  readonly repository: Repository
  readonly config: Config
  readonly agents: Agents
  /** null: `host.warm` is off. */
  readonly warm: WarmHost | null
  /** Why something of the host's configuration is not used, for a new run. */
  readonly hostProblems: readonly string[]
  /** The host calls that were made before the run could report them. */
  readonly earlierCalls: readonly HostCallRecord[]
  /** As in `Project`. */
  readonly strategyProblem: string | null
  readonly mission: Mission
  /** File of one of its WPs, if the host has named it. */
  readonly wpFile: string | null
  readonly store: RunStore
  readonly shutdown: Shutdown
  readonly resumed: boolean
  readonly output: OutputOptions
  readonly keepAwake: boolean
}
