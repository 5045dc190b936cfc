import { policyFor } from '../../agents/policy.ts'
import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { type AgentPool, createAgentPool } from '../../run/attempts/agent-pool.ts'
import type { RunStore } from '../../state/store.ts'
import { packageVersion } from '../../version.ts'
import { openAgents } from './open-project.ts'

/** The agents of the saved run, for commands that show it or move a WP without running an agent. */
export function storedPool(store: RunStore, config: Config): AgentPool {
  const agents = openAgents(config)
  return createAgentPool({
    config,
    registry: agents.registry,
    unavailable: agents.unavailable,
    cooldowns: store.state().cooldowns,
    policyFor: (agent, capabilities) => policyFor(agent, capabilities, packageVersion()),
    ports: { store, clock: systemClock, report: () => undefined },
  })
}
