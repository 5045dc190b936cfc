import { basename } from 'node:path'
import type { Logger } from 'pino'
import { policyFor } from '../../agents/policy.ts'
import { systemClock } from '../../clock.ts'
import { strategyOfHost } from '../../config/host-strategy.ts'
import { isWpId } from '../../core/ids.ts'
import { realPlace } from '../../files/real-place.ts'
import { createCombining } from '../../git/combined/combining.ts'
import { createCommits } from '../../git/history/commits.ts'
import { remembered } from '../../git/history/remembered.ts'
import { createKeeper } from '../../git/kept/keeper.ts'
import { treeChanges } from '../../git/kept/tree-changes.ts'
import { createMainCheckout } from '../../git/main/main-port.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import { createCheckRunner } from '../../local/check-runner.ts'
import { createLeftovers } from '../../local/leftover-agents.ts'
import { createRecorder } from '../../record/recorder.ts'
import { createAgentPool } from '../../run/attempts/agent-pool.ts'
import { keeping } from '../../run/attempts/keeping.ts'
import { createRunBudget } from '../../run/budget/budget.ts'
import type { UnderWay } from '../../run/mission/under-way.ts'
import { createWorktreesInUse } from '../../run/mission/worktrees-in-use.ts'
import { createModelWatch } from '../../run/models/model-watch.ts'
import type { Ports } from '../../run/ports.ts'
import type { Requests } from '../../run/requests/requests.ts'
import type { RunContext } from '../../run/run-context.ts'
import { createDecisionLog, decisionLog } from '../../state/decision-log.ts'
import { packageVersion } from '../../version.ts'
import { openHostOfRun } from '../shared/open-project.ts'
import { reportHostCall } from './report-host-call.ts'
import type { RunInput } from './run-input.ts'
import { createWatchedAgents } from './watched-agents.ts'

export interface Driving {
  /** The folder of the run's logs. */
  readonly logs: string
  readonly requests: Requests
  readonly diagnosis: Logger
  readonly report: Ports['report']
  readonly underWay: UnderWay
}

/** The context that all parts of one run share, with the real ports. */
export function createRun(options: RunInput, driving: Driving): RunContext {
  const { repository, config, agents, mission, store, shutdown } = options
  const { runId } = store.state()
  const { requests } = driving
  const ports = driving.underWay.noting(createPorts(options, driving))
  return {
    runId,
    mission: mission.slug,
    missionId: store.state().missionId,
    repository: basename(repository.root),
    config,
    ports,
    agents: createAgentPool({
      config,
      registry: agents.registry,
      unavailable: agents.unavailable,
      cooldowns: store.state().cooldowns,
      policyFor: (agent, capabilities) => policyFor(agent, capabilities, packageVersion()),
      ports,
    }),
    budget: createRunBudget({
      config,
      records: store.records(),
      runStartedAt: store.state().startedAt,
      activeMs: store.activeMs,
      ports,
    }),
    models: createModelWatch(store.records(), driving.report),
    adopted: new Map(),
    worktrees: createWorktreesInUse(realPlace),
    requests,
    couldMeet: () => true,
    foretold: () => [],
    mayBegin: () => true,
    stopping: shutdown.signal,
    onlyWps: store.state().onlyWps?.filter(isWpId) ?? null,
  }
}

function createPorts(options: RunInput, { logs, diagnosis, report }: Driving): Ports {
  const { repository, config, agents, warm, mission, store } = options
  const { runId } = store.state()
  const changes = remembered(treeChanges)
  const isNew = store.records().length === 0
  const host = openHostOfRun(repository, config, runId, warm, call => {
    diagnosis.info(call, 'host call')
    reportHostCall(call, report)
  })
  return keeping(createKeeper({ root: repository.root, runId, isNew, config }), {
    host,
    runAgent: createWatchedAgents({ ...options, report }),
    leftovers: createLeftovers({ runId, isNew: !options.resumed, registry: agents.registry, store }),
    runCheck: createCheckRunner({
      runId,
      repoRoot: repository.root,
      env: process.env,
      maxLogMb: config.agents.max_log_mb,
    }),
    workspace: createWorkspace(repository.root, runId, changes),
    commits: createCommits(repository.root, { changes }),
    combining: createCombining(repository.root, changes),
    recorder: createRecorder({
      root: repository.root,
      kittify: repository.kittify,
      logs,
      runId,
      startedAt: store.state().startedAt,
      mission: { slug: mission.slug, id: store.state().missionId },
      config,
      env: process.env,
    }),
    mainCheckout: createMainCheckout({
      root: repository.root,
      mission: mission.slug,
      runId,
      report,
      strategyOfHost: () => strategyOfHost(repository.root),
    }),
    store,
    clock: systemClock,
    report,
    record: createDecisionLog(decisionLog(logs), reason => report({ type: 'not-reported', reason })),
  })
}
