import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { watchedCheckout } from '../../git/main/main-watch.ts'
import type { Repository } from '../../git/repository.ts'
import { hostProgram } from '../../host/program.ts'
import { createAgentRunner } from '../../local/agent-runner.ts'
import { watchMainCheckout } from '../../run/attempts/main-watch.ts'
import type { Ports, RunAgent } from '../../run/ports.ts'
import type { RunStore } from '../../state/store.ts'
import type { Agents } from '../shared/open-project.ts'

export interface WatchedAgents {
  readonly repository: Repository
  readonly config: Config
  readonly agents: Agents
  readonly store: RunStore
  readonly report: Ports['report']
}

/** Runs agents, and compares the main checkout before and after each attempt. */
export function createWatchedAgents({ repository, config, agents, store, report }: WatchedAgents): RunAgent {
  const { root } = repository
  const { runId } = store.state()
  const { registry, findProgram, env } = agents
  const runner = createAgentRunner({
    now: systemClock.now,
    runId,
    repoRoot: root,
    config,
    maxLogMb: config.agents.max_log_mb,
    host: hostProgram(config.host.command, root),
    registry,
    findProgram,
    env,
    store,
  })
  return watchMainCheckout(runner, watchedCheckout(root, runId), report)
}
