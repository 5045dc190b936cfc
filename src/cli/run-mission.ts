import { basename, join } from 'node:path'
import { systemClock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { isWpId, type WpId } from '../core/ids.ts'
import type { WpRecord } from '../core/work-package.ts'
import { type ExitCode, exitCodes } from '../errors.ts'
import { carrying } from '../git/environment.ts'
import { createKeeper } from '../git/keeper.ts'
import { whyNotMerge } from '../git/main-checkout.ts'
import { currentBranch, type Repository } from '../git/repository.ts'
import { createWorkspace } from '../git/workspace.ts'
import { keepAwake } from '../process/keep-awake.ts'
import { asAfterAbort } from '../report/after-abort-events.ts'
import type { EventBody, Reporter } from '../report/event.ts'
import { createNotifier } from '../report/notifier.ts'
import { createReport } from '../report/reporter.ts'
import { takeOver } from '../run/adoption.ts'
import { createAgentPool } from '../run/agent-pool.ts'
import { runMarker } from '../run/agent-runner.ts'
import { createRunBudget } from '../run/budget.ts'
import { createCheckRunner } from '../run/check-runner.ts'
import { finish } from '../run/finish.ts'
import { keeping } from '../run/keeping.ts'
import { createLeftovers } from '../run/leftover-agents.ts'
import type { Mission } from '../run/look.ts'
import { orchestrate } from '../run/orchestrate.ts'
import type { Ports } from '../run/ports.ts'
import { createRequests } from '../run/requests.ts'
import type { RunContext } from '../run/run-context.ts'
import type { Shutdown } from '../run/shutdown.ts'
import { summarize } from '../run/summary.ts'
import { createWorktreesInUse } from '../run/worktrees-in-use.ts'
import { isAborting } from '../state/abort-mark.ts'
import { makeFolder } from '../state/durable-write.ts'
import { requestsFolder } from '../state/requests.ts'
import { type RunStore, runLogsFolder } from '../state/store.ts'
import { packageVersion } from '../version.ts'
import { createDiagnosis } from './diagnosis.ts'
import { listenForKeys } from './keys.ts'
import { versionWarnings } from './look-at-agents.ts'
import { lookAtProject } from './look-at-project.ts'
import { type Agents, openHostOfRun } from './open-project.ts'
import { type OutputOptions, reportersFor, showsBoard } from './output.ts'
import { createPauseKey } from './pause-key.ts'
import { pruneAfterRun } from './prune-kept.ts'
import { type RequestWatch, watchRequests } from './watch-requests.ts'
import { createWatchedAgents } from './watched-agents.ts'

export interface MissionRun {
  readonly repository: Repository
  readonly config: Config
  readonly agents: Agents
  readonly mission: Mission
  /** File of one of its WPs, where the host has named it. */
  readonly wpFile: string | null
  readonly store: RunStore
  readonly shutdown: Shutdown
  readonly resumed: boolean
  readonly output: OutputOptions
  readonly keepAwake: boolean
}

/** Takes the mission to its end. The lock is held by the caller. What git leaves running carries the run's marker. */
export function runMission(options: MissionRun): Promise<ExitCode> {
  return carrying({ [runMarker]: options.store.state().runId }, () => runCarried(options))
}

/** Builds the seven real ports and runs on them. */
async function runCarried(options: MissionRun): Promise<ExitCode> {
  const { repository, config, agents, mission, store, shutdown } = options
  const { runId } = store.state()
  const logs = runLogsFolder(repository.kittify, runId)
  makeFolder(logs, repository.kittify)
  // Whoever cannot make it ends here, before anybody follows an agent.
  makeFolder(requestsFolder(repository.kittify), repository.kittify)
  const began = performance.now()
  const requests = createRequests()
  const pauseKey = createPauseKey(requests)
  const keys = showsBoard(options.output) ? listenForKeys(pauseKey.onKey) : null
  const reporters = [
    ...reportersFor(options.output, logs, keys !== null),
    pauseKey.reporter,
    ...notifiersFor(options, logs, event => reporting.report(event)),
  ]
  const reporting = createReport(runId, systemClock.now, reporters, event =>
    isAborting(repository.kittify, runId) ? asAfterAbort(event, mission.slug) : event,
  )
  const diagnosis = createDiagnosis(logs)
  const { report } = reporting
  shutdown.stopInOrder(config.on_hangup === 'leave' ? { report, agentsToLeave: () => agentsAtWork(store) } : { report })
  const awake = keepAwake(options.keepAwake)
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
    store,
    clock: systemClock,
    report: reporting.report,
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
      version: packageVersion(),
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
    worktrees: createWorktreesInUse(),
    mainBranch: () => currentBranch(repository.root),
    requests,
    mayBegin: () => true,
    stopping: shutdown.signal,
    onlyWps: store.state().onlyWps?.filter(isWpId) ?? null,
  }
  const onKept = (ref: string) =>
    report({ type: 'main-checkout-kept', ref, why: 'the merge drops what the planning left uncommitted' })
  let watching: RequestWatch | null = null
  try {
    reporting.report({
      type: 'run-started',
      mission: mission.slug,
      workPackages: mission.nodes.length,
      maxConcurrent: config.max_concurrent_wps,
      resumed: options.resumed,
      logs,
    })
    await lookAtProject(options, ports)
    const adopted = await takeOver(run, mission)
    watching = await watchRequests(repository.kittify, requests, reporting.report)
    // If we die meanwhile, the next resume finds what was asked.
    const marked = { ...agents.env, [runMarker]: runId, SKO_REPO: repository.root }
    const versions = warnOfVersions(config, { ...agents, env: marked }, shutdown.signal, reporting.report)
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
    if (finished) await store.replaceState({ ...store.state(), phase: 'finished', exitCode })
    if (end.merged && finished) await pruneAfterRun(repository.root, config, reporting.report)
    reporting.report({
      type: 'run-finished',
      exitCode,
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
    awake.stop()
    await reporting.close()
    keys?.restore()
  }
}

function notifiersFor(
  { repository, config, agents, store, shutdown }: MissionRun,
  logs: string,
  report: (event: EventBody) => void,
): readonly Reporter[] {
  const { command } = config.notify
  if (command === null) return []
  const env = { ...agents.env, [runMarker]: store.state().runId, SKO_REPO: repository.root }
  const folder = join(logs, 'notify')
  return [
    createNotifier({
      command,
      cwd: repository.root,
      env,
      folder,
      report,
      maxLogMb: config.agents.max_log_mb,
      stopping: shutdown.signal,
    }),
  ]
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
