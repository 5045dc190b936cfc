import { randomBytes } from 'node:crypto'
import { unfinished as nothingFinished } from '../../core/mission/finish-progress.ts'
import { whileUnfinished } from '../../core/next-command.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { refuseUnmergeable } from '../../git/unmergeable.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import type { HostCallRecord } from '../../host/client.ts'
import type { WarmHost } from '../../host/warm/warm-host.ts'
import type { Mission } from '../../run/mission/look.ts'
import { missionIdBeside } from '../../run/mission/mission-fields.ts'
import { type RunState, stateVersion } from '../../state/schema.ts'
import { startNewRun } from '../../state/store.ts'
import { findMission } from '../running/find-mission.ts'
import { checkAgents, checkMission, checkSelection } from '../running/preflight.ts'
import { overridesOf, type RunFlags } from '../running/run-flags.ts'
import { listenForShutdown } from '../running/shutdown.ts'
import { carriedOver } from '../shared/carried-over.ts'
import { checkSigning } from '../shared/check-signing.ts'
import { withHintAfterAbort } from '../shared/hint-after-abort.ts'
import { takeLock } from '../shared/lock.ts'
import {
  checkHostIdentity,
  openAgents,
  openHostOfRun,
  openProject,
  type Project,
  warmHostFor,
} from '../shared/open-project.ts'
import { storedRun } from '../shared/stored-run.ts'

export async function orchestrateCommand(options: RunFlags): Promise<ExitCode> {
  const project = await openProject(options, overridesOf(options))
  if (options.dryRun) {
    const { showPlan } = await import('./plan.ts')
    return showPlan(project, options.mission, options.json ?? false, options.wp ?? [])
  }
  return withHintAfterAbort(project.repository.kittify, () => startRun(project, options))
}

/** Starts a new run, from the checks to the exit code. `sko demo` uses it too, with a host that is warm already. */
export async function startRun(
  project: Project,
  options: RunFlags,
  demoHost: WarmHost | null = null,
): Promise<ExitCode> {
  const { repository, config } = project
  const runId = newRunId()
  const shutdown = listenForShutdown(runId)
  const release = takeLock(repository.kittify, runId)
  let warm: WarmHost | null = null
  try {
    const old = await storedRun(repository.kittify)
    if (old?.phase === 'running') throw unfinished(old)
    warm = demoHost ?? warmHostFor(repository, config)
    // A fifth of our start-up, which need not delay that of the helper.
    const { runMission } = await import('../running/run-mission.ts')
    await refuseUnmergeable(repository.root)
    await checkHostIdentity(repository, config)
    const agents = openAgents(config)
    checkAgents(config, agents.registry, agents.unavailable)
    await checkSigning(repository, config, agents.env)
    const earlierCalls: HostCallRecord[] = []
    const host = openHostOfRun(repository, config, runId, warm, call => earlierCalls.push(call))
    const mission = await findMission(host, options.mission, repository)
    if (options.wp) checkSelection(mission, options.wp)
    const wpFile = await checkMission({ host, repository, mission, strategy: config.finish.merge, wantsFile: true })
    const workspace = createWorkspace(repository.root)
    const missionId = wpFile === null ? null : await missionIdBeside({ workspace }, wpFile)
    const begun = firstState(project, options.wp, { runId, mission, missionId, old })
    const store = await startNewRun(repository.kittify, begun)
    return await runMission({
      repository,
      config,
      agents,
      warm,
      hostProblems: project.fromHost.problems,
      earlierCalls,
      strategyProblem: project.strategyProblem,
      mission,
      wpFile,
      store,
      shutdown,
      resumed: false,
      output: { json: options.json ?? false, plain: options.plain ?? false },
      keepAwake: options.caffeinate,
    })
  } finally {
    warm?.close()
    release()
    shutdown.dispose()
  }
}

interface NewRun {
  readonly runId: string
  readonly mission: Mission
  readonly missionId: string | null
  /** That of the run before. */
  readonly old: RunState | null
}

function firstState(
  { config }: Project,
  onlyWps: RunFlags['wp'],
  { runId, mission, missionId, old }: NewRun,
): RunState {
  return {
    version: stateVersion,
    activeMs: 0,
    runId,
    mission: mission.slug,
    missionId,
    actor: config.actor,
    phase: 'running',
    startedAt: new Date().toISOString(),
    config,
    onlyWps: onlyWps ?? null,
    host: { command: config.host.command },
    workPackages: carriedOver(old, mission.slug),
    cooldowns: old?.cooldowns ?? {},
    finish: nothingFinished,
    // A new run of the same mission keeps the record of what was there when the first one started.
    start: old?.mission === mission.slug ? old.start : null,
    exitCode: null,
    end: null,
  }
}

/** Sorts by time; the random part separates two runs of one second. */
function newRunId(): string {
  const time = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  return `${time}-${randomBytes(3).toString('hex')}`
}

function unfinished(state: RunState): OrchestratorError {
  return new OrchestratorError({
    code: 'run-unfinished',
    exitCode: exitCodes.usage,
    message: `run ${state.runId} of mission ${state.mission} is not finished`,
    next: whileUnfinished,
  })
}
