import { join } from 'node:path'
import type { Agent } from '../agents/agent.ts'
import { systemClock } from '../clock.ts'
import { type Config, configSchema } from '../config/schema.ts'
import type { AgentId } from '../core/ids.ts'
import { roles } from '../core/work-package.ts'
import { createCommits } from '../git/commits.ts'
import { createWorkspace } from '../git/workspace.ts'
import { createHostClient } from '../host/client.ts'
import type { EventBody } from '../report/event.ts'
import { createAgentPool } from '../run/agent-pool.ts'
import { createAgentRunner } from '../run/agent-runner.ts'
import { createRunBudget } from '../run/budget.ts'
import { createCheckRunner } from '../run/check-runner.ts'
import type { Ports, Store } from '../run/ports.ts'
import { createRequests } from '../run/requests.ts'
import type { RunContext } from '../run/run-context.ts'
import { createWorktreesInUse } from '../run/worktrees-in-use.ts'
import { packageVersion } from '../version.ts'
import type { Scratch } from './scratch.ts'

/** So little work takes a minute; an agent that hangs must not take the hour that real work is given. */
const longestSeconds = 600
const longestQuietSeconds = 180

export interface TrialOptions {
  readonly agent: Agent
  /** Absolute path. */
  readonly program: string
  /** Of the project around us; its settings of the agent are used. */
  readonly config: Config
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly runId: string
  readonly scratch: Scratch
  readonly stopping: AbortSignal
}

/** What the steps of a run need, for one agent and one work package, without a mission at a host. */
export function trialRun(options: TrialOptions, report: (event: EventBody) => void): RunContext {
  const { agent, program, runId, scratch, stopping, env } = options
  const config = forTrial(options.config, agent)
  const registry = new Map<AgentId, Agent>([[agent.id, agent]])
  const store = logsOnly(scratch.logs)
  const { repository } = scratch
  const findProgram = () => program
  const runner = { now: systemClock.now, runId, repoRoot: repository, config, registry, findProgram, env, store }
  const ports: Ports = {
    /** Never asked: the work package has no subtasks, and no lane is moved. */
    host: createHostClient({
      command: config.host.command,
      cwd: repository,
      actor: config.actor,
      timeoutSeconds: config.host.timeout_seconds,
      env,
    }),
    runAgent: createAgentRunner(runner),
    leftovers: { adopt: () => null, sessionOf: () => null, lastSignOf: () => null, reap: async () => 0 },
    runCheck: createCheckRunner({ runId, repoRoot: repository, env, maxLogMb: config.agents.max_log_mb }),
    workspace: createWorkspace(repository, runId),
    commits: createCommits(repository),
    store,
    clock: systemClock,
    report,
  }
  const version = packageVersion()
  const pool = { config, registry, unavailable: () => null, cooldowns: {}, version, ports }
  return {
    runId,
    mission: 'agents-test',
    repository: 'agents-test',
    config,
    ports,
    agents: createAgentPool(pool),
    budget: createRunBudget({
      config,
      records: [],
      runStartedAt: new Date(systemClock.now()).toISOString(),
      activeMs: () => 0,
      ports,
    }),
    adopted: new Map(),
    worktrees: createWorktreesInUse(),
    mainBranch: async () => null,
    requests: createRequests(),
    mayBegin: () => true,
    stopping,
    onlyWps: null,
  }
}

/** The agent alone, in both roles, whatever else the configuration uses it for. */
function forTrial(config: Config, { id }: Agent): Config {
  const { agents } = config
  const settings = agents.settings[id]
  return {
    ...config,
    budget: configSchema.parse({}).budget,
    checks: [],
    agents: {
      ...agents,
      implementation: [id],
      review: [id],
      single_agent_mode: false,
      timeout_seconds: Math.min(settings?.timeout_seconds ?? agents.timeout_seconds, longestSeconds),
      inactivity_seconds: Math.min(agents.inactivity_seconds, longestQuietSeconds),
      settings: settings ? { [id]: { ...settings, enabled: true, roles: [...roles], timeout_seconds: null } } : {},
    },
  }
}

/** Nothing is remembered: a trial that is stopped is begun anew. */
function logsOnly(logs: string): Store {
  const nothing = async () => undefined
  return {
    records: () => [],
    saveWorkPackage: nothing,
    saveCooldown: nothing,
    saveFinish: nothing,
    start: () => null,
    saveStart: nothing,
    acceptanceFile: () => join(logs, 'accept-mission.json'),
    prepareFiles: () => undefined,
    attemptFiles: (wpId, { role, cycle, number }) => join(logs, wpId, `${role}-c${cycle}-a${number}`),
  }
}
