import type { Config } from '../../config/schema.ts'
import type { WpId } from '../../core/ids.ts'
import { continueRun } from '../../core/next-command.ts'
import type { WpRecord } from '../../core/work-package/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { makeFolder } from '../../files/durable-write.ts'
import { withGitVariables } from '../../git/call/environment.ts'
import { runMarker } from '../../local/agent-runner.ts'
import { keepAwake } from '../../process/table/keep-awake.ts'
import { takeOver } from '../../run/attempts/adoption.ts'
import { finishedRecord } from '../../run/events/record-event.ts'
import { type Finish, finish } from '../../run/finish/finish.ts'
import { summarize } from '../../run/finish/summary.ts'
import { lookAgain } from '../../run/mission/look-again.ts'
import { createUnderWay } from '../../run/mission/under-way.ts'
import type { WpResult } from '../../run/mission/wp-result.ts'
import { orchestrate } from '../../run/orchestrate.ts'
import type { Ports } from '../../run/ports.ts'
import { createRequests } from '../../run/requests/requests.ts'
import type { RunContext } from '../../run/run-context.ts'
import { requestsFolder } from '../../state/requests.ts'
import { type RunStore, runLogsFolder } from '../../state/store.ts'
import { bugReport, stackOf } from '../bug-report.ts'
import { createDiagnosis } from '../shared/diagnosis.ts'
import { versionWarnings } from '../shared/look-at-agents.ts'
import { lookAtProject } from '../shared/look-at-project.ts'
import type { Agents } from '../shared/open-project.ts'
import { pruneAfterRun } from '../shared/prune-kept.ts'
import { openSteadyOutput } from '../terminal/steady-output.ts'
import { createRun, type Driving } from './create-run.ts'
import { reportHostCall } from './report-host-call.ts'
import { endBy, keepEnd, reasonOf } from './run-end.ts'
import type { RunInput } from './run-input.ts'
import { openReporting } from './run-reporting.ts'
import { endOnUncaught } from './shutdown.ts'
import { type RequestWatch, watchRequests } from './watch-requests.ts'

/** Runs the mission to its end. The caller holds the lock. Processes that git leaves running carry the run's marker. */
export function runMission(options: RunInput): Promise<ExitCode> {
  return withGitVariables({ [runMarker]: options.store.state().runId }, () => runCarried(options))
}

/** Reports every end, including errors. */
async function runCarried(options: RunInput): Promise<ExitCode> {
  const { repository, config, store, shutdown } = options
  const { runId } = store.state()
  const logs = runLogsFolder(repository.kittify, runId)
  const requests = createRequests()
  const reporting = openReporting(options, logs, requests)
  const diagnosis = createDiagnosis(logs, repository.kittify)
  const { report } = reporting
  const reportEnd = (error: unknown): Promise<void> => {
    if (!(error instanceof OrchestratorError)) diagnosis.error({ error: stackOf(error) }, 'bug')
    const end = endBy(error)
    report(end)
    return keepEnd(store, end)
  }
  const catchNoMore = endOnUncaught(runId, error => {
    openSteadyOutput('stderr').write(bugReport(error))
    return reportEnd(error).then(reporting.close)
  })
  const leaving = config.on_hangup === 'leave' ? { agentsToLeave: () => agentsAtWork(store) } : {}
  const underWay = createUnderWay()
  shutdown.stopInOrder({ report, ...leaving, underWay: underWay.names, ignoresHangup: config.on_hangup === 'ignore' })
  const awake = keepAwake(options.keepAwake)
  try {
    makeFolder(logs, repository.kittify)
    // Fails here if the folder cannot be made, before any agent is started or adopted.
    makeFolder(requestsFolder(repository.kittify), repository.kittify)
    return await drive(options, { logs, requests, diagnosis, report, underWay })
  } catch (error) {
    await reportEnd(error)
    throw error
  } finally {
    await requests.close()
    awake.stop()
    await reporting.close()
    catchNoMore()
  }
}

/** Drives the mission, then merges, accepts and reports the result. */
async function drive(options: RunInput, driving: Driving): Promise<ExitCode> {
  const { requests, report } = driving
  const { repository, mission } = options
  const began = performance.now()
  const run = createRun(options, driving)
  let watching: RequestWatch | null = null
  try {
    reportStart(options, driving)
    for (const reason of options.hostProblems) report({ type: 'host-agents-not-used', reason })
    reportStrategy(options, report)
    for (const call of options.earlierCalls) reportHostCall(call, report)
    options.warm?.onCold(why => report({ type: 'host-cold', ...why }))
    await lookAtProject(options, run.ports)
    const adopted = await takeOver(run, mission)
    watching = await watchRequests(repository.kittify, requests, report)
    const reached = await reachEnd({ ...run, adopted }, options)
    return await conclude(run, options, { ...reached, began })
  } finally {
    await requests.close()
    await watching?.stop()
  }
}

function reportStart({ config, mission, resumed }: RunInput, { logs, report }: Driving): void {
  report({
    type: 'run-started',
    mission: mission.slug,
    workPackages: mission.nodes.length,
    maxConcurrent: config.max_concurrent_wps,
    resumed,
    logs,
  })
}

function reportStrategy({ config, strategyProblem: reason }: RunInput, report: Ports['report']): void {
  const strategy = config.finish.merge
  if (reason !== null && strategy !== null) report({ type: 'host-strategy-not-used', reason, strategy })
}

/** Works on the WPs, then merges. Both again after a WP was sent back to work, which `review.max_cycles` limits. */
async function reachEnd(run: RunContext, options: RunInput): Promise<Omit<Reached, 'began'>> {
  const { repository, config, agents, store, shutdown } = options
  // The marker lets the next resume find these processes if we die.
  const marked = { ...agents.env, [runMarker]: run.runId, SKO_REPO: repository.root }
  const versions = warnOfVersions(config, { ...agents, env: marked }, shutdown.signal, run.ports.report)
  let wpResults = await reachWpResults(run, options).finally(versions.stop)
  for (;;) {
    const stopped = shutdown.exitCode()
    const before = store.state().finish
    if (stopped !== null) {
      return { end: { ...before, wpResults, complete: false, next: [continueRun] }, stopped }
    }
    const end = await finish(run, wpResults, before)
    if (!end.sentBack) return { end, stopped }
    const mission = await lookAgain(run)
    wpResults = await reachWpResults({ ...run, adopted: new Map() }, { ...options, mission })
  }
}

async function reachWpResults(run: RunContext, { mission, store, shutdown }: RunInput): Promise<readonly WpResult[]> {
  return orchestrate(run, mission, recordsById(store)).catch(error => {
    // A signal asked us to stop: that decides the exit code, even if something failed afterwards.
    if (shutdown.exitCode() === null) throw error
    return []
  })
}

interface Reached {
  readonly end: Finish
  /** Exit code of the signal that stopped the run before the merge or the acceptance; null: none did. */
  readonly stopped: ExitCode | null
  /** `performance.now()` */
  readonly began: number
}

/** Saves and reports how the run ended. */
async function conclude(
  run: RunContext,
  { repository, config, mission, store, shutdown }: RunInput,
  { end, stopped, began }: Reached,
): Promise<ExitCode> {
  const { report } = run.ports
  const { wpResults } = end
  const open = wpResults.some(({ heldBy }) => heldBy === 'budget') ? exitCodes.budget : exitCodes.needsPerson
  // Read only now: the signal may have come while the mission was merged or accepted.
  const exitCode = shutdown.exitCode() ?? (end.complete ? exitCodes.ok : open)
  const finished = stopped === null && (end.complete || shutdown.exitCode() === null)
  const reason = reasonOf(end.complete, shutdown.stoppedBy(), wpResults)
  if (finished) await store.replaceState({ ...store.state(), phase: 'finished', exitCode })
  if (end.merged && finished) await pruneAfterRun(repository.root, config, report)
  await keepEnd(store, { exitCode, reason, next: end.next })
  report({
    type: 'run-finished',
    exitCode,
    reason,
    mission: mission.slug,
    workPackages: wpResults.map(summarize),
    merged: end.merged,
    ...(end.record && { record: finishedRecord(end.record) }),
    accepted: end.accepted,
    elapsedMs: Math.round(performance.now() - began),
    used: run.budget.used(),
    next: end.next,
  })
  return exitCode
}

/** Runs in parallel: an agent that is slow to print its version delays nothing. */
function warnOfVersions(config: Config, agents: Agents, stopping: AbortSignal, report: Ports['report']) {
  const over = new AbortController()
  const warnings = versionWarnings(config, agents, AbortSignal.any([stopping, over.signal]))
  const warned = warnings.then(found => {
    for (const { message: _, ...warning } of found) report({ type: 'agent-untested', ...warning })
  })
  return {
    stop: async () => {
      over.abort()
      await warned
    },
  }
}

/** Counts recorded processes; one that was spawned just now may not be recorded yet. */
function agentsAtWork(store: RunStore): number {
  const attempts = store.records().flatMap(record => record.attempts)
  return attempts.filter(attempt => attempt.result === null && attempt.process !== null).length
}

function recordsById(store: RunStore): ReadonlyMap<WpId, WpRecord> {
  return new Map(store.records().map(record => [record.wpId, record]))
}
