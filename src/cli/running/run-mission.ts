import { basename } from 'node:path'
import type { Logger } from 'pino'
import { policyFor } from '../../agents/policy.ts'
import { systemClock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { isWpId, type WpId } from '../../core/ids.ts'
import type { WpRecord } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { makeFolder } from '../../files/durable-write.ts'
import { realPlace } from '../../files/real-place.ts'
import { carrying } from '../../git/environment.ts'
import { createCommits } from '../../git/history/commits.ts'
import { createKeeper } from '../../git/kept/keeper.ts'
import { whyNotMerge } from '../../git/main/main-checkout.ts'
import { switchCommand } from '../../git/main/switch-back.ts'
import { currentBranch } from '../../git/repository.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import { runMarker } from '../../local/agent-runner.ts'
import { createCheckRunner } from '../../local/check-runner.ts'
import { createLeftovers } from '../../local/leftover-agents.ts'
import { keepAwake } from '../../process/table/keep-awake.ts'
import { takeOver } from '../../run/attempts/adoption.ts'
import { createAgentPool } from '../../run/attempts/agent-pool.ts'
import { createRunBudget } from '../../run/attempts/budget.ts'
import { keeping } from '../../run/attempts/keeping.ts'
import { finish } from '../../run/finish/finish.ts'
import { summarize } from '../../run/finish/summary.ts'
import { createWorktreesInUse } from '../../run/mission/worktrees-in-use.ts'
import { orchestrate } from '../../run/orchestrate.ts'
import type { Ports } from '../../run/ports.ts'
import { createRequests, type Requests } from '../../run/requests/requests.ts'
import type { RunContext } from '../../run/run-context.ts'
import { requestsFolder } from '../../state/requests.ts'
import { type RunStore, runLogsFolder } from '../../state/store.ts'
import { packageVersion } from '../../version.ts'
import { bugReport, stackOf } from '../bug-report.ts'
import { createDiagnosis } from '../shared/diagnosis.ts'
import { versionWarnings } from '../shared/look-at-agents.ts'
import { lookAtProject } from '../shared/look-at-project.ts'
import { type Agents, openHostOfRun } from '../shared/open-project.ts'
import { pruneAfterRun } from '../shared/prune-kept.ts'
import { openSteadyOutput } from '../terminal/steady-output.ts'
import type { MissionRun } from './mission-run.ts'
import { endBy, keepEnd, reasonOf } from './run-end.ts'
import { openReporting } from './run-reporting.ts'
import { endOnUncaught } from './shutdown.ts'
import { type RequestWatch, watchRequests } from './watch-requests.ts'
import { createWatchedAgents } from './watched-agents.ts'

/** Takes the mission to its end. The lock is held by the caller. What git leaves running carries the run's marker. */
export function runMission(options: MissionRun): Promise<ExitCode> {
  return carrying({ [runMarker]: options.store.state().runId }, () => runCarried(options))
}

/** To the end, which is told whatever it is. */
async function runCarried(options: MissionRun): Promise<ExitCode> {
  const { repository, config, mission, store, shutdown } = options
  const { runId } = store.state()
  const logs = runLogsFolder(repository.kittify, runId)
  const requests = createRequests()
  const reporting = openReporting(options, logs, requests)
  const diagnosis = createDiagnosis(logs)
  const { report } = reporting
  const tellEnd = (error: unknown): Promise<void> => {
    if (!(error instanceof OrchestratorError)) diagnosis.error({ error: stackOf(error) }, 'bug')
    const end = endBy(error, mission.slug)
    report(end)
    return keepEnd(store, end)
  }
  const catchNoMore = endOnUncaught(runId, error => {
    openSteadyOutput('stderr').write(bugReport(error))
    return tellEnd(error).then(reporting.close)
  })
  const leaving = config.on_hangup === 'leave' ? { agentsToLeave: () => agentsAtWork(store) } : {}
  shutdown.stopInOrder({ report, ...leaving, ignoresHangup: config.on_hangup === 'ignore' })
  const awake = keepAwake(options.keepAwake)
  try {
    makeFolder(logs, repository.kittify)
    // Whoever cannot make it ends here, before anybody follows an agent.
    makeFolder(requestsFolder(repository.kittify), repository.kittify)
    return await drive(options, { logs, requests, diagnosis, report })
  } catch (error) {
    await tellEnd(error)
    throw error
  } finally {
    await requests.close()
    awake.stop()
    await reporting.close()
    catchNoMore()
  }
}

interface Driving {
  readonly logs: string
  readonly requests: Requests
  readonly diagnosis: Logger
  readonly report: Ports['report']
}

/** Builds the real ports, and drives the mission with them. */
async function drive(options: MissionRun, { logs, requests, diagnosis, report }: Driving): Promise<ExitCode> {
  const { repository, config, agents, mission, store, shutdown } = options
  const { runId } = store.state()
  const began = performance.now()
  const host = openHostOfRun(repository, config, runId, call => diagnosis.info(call, 'host call'))
  const ports: Ports = keeping(createKeeper({ root: repository.root, runId, config }), {
    host,
    runAgent: createWatchedAgents({ ...options, report }),
    leftovers: createLeftovers({ runId, registry: agents.registry, store }),
    runCheck: createCheckRunner({
      runId,
      repoRoot: repository.root,
      env: process.env,
      maxLogMb: config.agents.max_log_mb,
    }),
    workspace: createWorkspace(repository.root, runId),
    commits: createCommits(repository.root),
    store,
    clock: systemClock,
    report,
  })
  const run: RunContext = {
    runId,
    mission: mission.slug,
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
    adopted: new Map(),
    worktrees: createWorktreesInUse(realPlace),
    mainBranch: () => currentBranch(repository.root),
    switchMain: branch => switchCommand(repository.root, branch),
    requests,
    mayBegin: () => true,
    stopping: shutdown.signal,
    onlyWps: store.state().onlyWps?.filter(isWpId) ?? null,
  }
  const onKept = (ref: string) =>
    report({ type: 'main-checkout-kept', ref, why: 'the merge drops what the planning left uncommitted' })
  let watching: RequestWatch | null = null
  try {
    report({
      type: 'run-started',
      mission: mission.slug,
      workPackages: mission.nodes.length,
      maxConcurrent: config.max_concurrent_wps,
      resumed: options.resumed,
      logs,
    })
    await lookAtProject(options, ports)
    const adopted = await takeOver(run, mission)
    watching = await watchRequests(repository.kittify, requests, report)
    // If we die meanwhile, the next resume finds what was asked.
    const marked = { ...agents.env, [runMarker]: runId, SKO_REPO: repository.root }
    const versions = warnOfVersions(config, { ...agents, env: marked }, shutdown.signal, report)
    const standings = await orchestrate({ ...run, adopted }, mission, recordsById(store))
      .catch(error => {
        // Whoever asked us to stop gets that answer, also when something broke on the way.
        if (shutdown.exitCode() === null) throw error
        return []
      })
      .finally(versions.stop)
    const stopped = shutdown.exitCode()
    const end =
      stopped === null
        ? await finish(run, standings, store.state().finish, {
            branch: () => currentBranch(repository.root),
            whyNotMerge: how => whyNotMerge({ root: repository.root, mission: mission.slug, runId, onKept }, how),
          })
        : { ...store.state().finish, complete: false, next: ['sko resume'] }
    const open = standings.some(({ heldBy }) => heldBy === 'budget') ? exitCodes.budget : exitCodes.needsPerson
    // Asked only now: it may have come while the mission was merged or accepted.
    const exitCode = shutdown.exitCode() ?? (end.complete ? exitCodes.ok : open)
    const finished = stopped === null && (end.complete || shutdown.exitCode() === null)
    const reason = reasonOf(end.complete, shutdown.stoppedBy(), standings)
    if (finished) await store.replaceState({ ...store.state(), phase: 'finished', exitCode })
    if (end.merged && finished) await pruneAfterRun(repository.root, config, report)
    await keepEnd(store, { exitCode, reason, next: end.next })
    report({
      type: 'run-finished',
      exitCode,
      reason,
      mission: mission.slug,
      workPackages: standings.map(summarize),
      merged: end.merged,
      accepted: end.accepted,
      elapsedMs: Math.round(performance.now() - began),
      used: run.budget.used(),
      next: end.next,
    })
    return exitCode
  } finally {
    await requests.close()
    await watching?.stop()
  }
}

/** Beside the run: an agent that is slow to tell its version delays nothing. */
function warnOfVersions(config: Config, agents: Agents, stopping: AbortSignal, report: Ports['report']) {
  const over = new AbortController()
  const warnings = versionWarnings(config, agents, AbortSignal.any([stopping, over.signal]))
  const told = warnings.then(found => {
    for (const warning of found) report({ type: 'warning', ...warning })
  })
  return {
    stop: async () => {
      over.abort()
      await told
    },
  }
}

/** Those that are recorded: one that is not was spawned this very moment. */
function agentsAtWork(store: RunStore): number {
  const attempts = store.records().flatMap(record => record.attempts)
  return attempts.filter(attempt => attempt.result === null && attempt.process !== null).length
}

function recordsById(store: RunStore): ReadonlyMap<WpId, WpRecord> {
  return new Map(store.records().map(record => [record.wpId, record]))
}
