import { join } from 'node:path'
import { policyFor } from '../agents/policy.ts'
import { systemClock } from '../clock.ts'
import { type Config, configSchema } from '../config/schema.ts'
import type { AgentId } from '../core/ids.ts'
import { roles } from '../core/work-package/work-package.ts'
import { realPlace } from '../files/real-place.ts'
import { createCombining } from '../git/combined/combining.ts'
import { createCommits } from '../git/history/commits.ts'
import { createMainCheckout } from '../git/main/main-port.ts'
import { createWorkspace } from '../git/worktree/workspace.ts'
import { createHostClient } from '../host/client.ts'
import { hostProgram } from '../host/program.ts'
import { createAgentRunner } from '../local/agent-runner.ts'
import { createCheckRunner } from '../local/check-runner.ts'
import { createRecorder } from '../record/recorder.ts'
import type { Agent } from '../run/attempts/agent.ts'
import { createAgentPool } from '../run/attempts/agent-pool.ts'
import { createRunBudget } from '../run/budget/budget.ts'
import type { EventBody } from '../run/events/event.ts'
import { createWorktreesInUse } from '../run/mission/worktrees-in-use.ts'
import { createModelWatch } from '../run/models/model-watch.ts'
import type { Ports, Store } from '../run/ports.ts'
import { createRequests } from '../run/requests/requests.ts'
import type { RunContext } from '../run/run-context.ts'
import { packageVersion } from '../version.ts'
import type { Scratch } from './scratch.ts'

/** This small task takes a minute. An agent that hangs must not take the hour that real work gets. */
const longestSeconds = 600
const longestQuietSeconds = 180

export interface TrialOptions {
  readonly agent: Agent
  /** Absolute path. */
  readonly program: string
  /** Of the surrounding project; its settings of the agent apply. */
  readonly config: Config
  readonly env: Readonly<NodeJS.ProcessEnv>
  readonly runId: string
  readonly scratch: Scratch
  readonly stopping: AbortSignal
}

/** The context that the steps of a run need, for one agent and one work package, without a mission at a host. */
export function trialRun(options: TrialOptions, report: (event: EventBody) => void): RunContext {
  const { agent, runId, stopping } = options
  const config = forTrial(options.config, agent)
  const registry = new Map<AgentId, Agent>([[agent.id, agent]])
  const ports = trialPorts(options, config, registry, report)
  return {
    runId,
    mission: 'agents-test',
    missionId: null,
    repository: 'agents-test',
    config,
    ports,
    agents: createAgentPool({
      config,
      registry,
      unavailable: () => null,
      cooldowns: {},
      policyFor: (agent, capabilities) => policyFor(agent, capabilities, packageVersion()),
      ports,
    }),
    budget: createRunBudget({
      config,
      records: [],
      runStartedAt: new Date(systemClock.now()).toISOString(),
      activeMs: () => 0,
      ports,
    }),
    models: createModelWatch([], report),
    adopted: new Map(),
    worktrees: createWorktreesInUse(realPlace),
    requests: createRequests(),
    foretold: () => [],
    couldMeet: () => true,
    mayBegin: () => true,
    stopping,
    onlyWps: null,
  }
}

function trialPorts(
  { program, runId, scratch, env }: TrialOptions,
  config: Config,
  registry: ReadonlyMap<AgentId, Agent>,
  report: (event: EventBody) => void,
): Ports {
  const store = logsOnly(scratch.logs)
  const { repository } = scratch
  const findProgram = () => program
  const host = hostProgram(config.host.command, repository)
  const maxLogMb = config.agents.max_log_mb
  const runner = {
    ...{ now: systemClock.now, runId, repoRoot: repository, config, maxLogMb, host, registry },
    ...{ findProgram, env, store },
  }
  return {
    /** Never called: the work package has no subtasks, and no lane is moved. */
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
    combining: createCombining(repository),
    mainCheckout: createMainCheckout({
      root: repository,
      mission: 'agents-test',
      runId,
      report,
      strategyOfHost: async () => 'merge',
    }),
    /** Never called: nothing is merged. */
    recorder: createRecorder({
      root: repository,
      kittify: join(repository, '.kittify'),
      logs: scratch.logs,
      runId,
      startedAt: new Date(systemClock.now()).toISOString(),
      mission: { slug: 'agents-test', id: null },
      config,
      env,
    }),
    store,
    clock: systemClock,
    report,
    record: () => undefined,
  }
}

/** Only this agent, in both roles, whatever the configuration uses it for. */
function forTrial(config: Config, { id }: Agent): Config {
  const { agents } = config
  const settings = agents.settings[id]
  return {
    ...config,
    budget: configSchema.parse({}).budget,
    checks: { run: [], protect: [], also_base: false },
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

/** Saves nothing: a trial that is stopped starts over. */
function logsOnly(logs: string): Store {
  const nothing = async () => undefined
  return {
    records: () => [],
    saveWorkPackage: nothing,
    saveCooldown: nothing,
    saveFinish: nothing,
    start: () => null,
    saveStart: nothing,
    combinedFiles: tree => join(logs, tree),
    acceptanceFile: () => join(logs, 'accept-mission.json'),
    prepareFiles: () => undefined,
    attemptFiles: (wpId, { role, cycle, number }) => join(logs, wpId, `${role}-c${cycle}-a${number}`),
  }
}
