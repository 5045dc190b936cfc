import { withStrategy } from '../../config/host-strategy.ts'
import { parseStoredConfig } from '../../config/load.ts'
import { withOverrides } from '../../config/overrides.ts'
import { satisfiesDependents } from '../../core/mission/lane.ts'
import { newRun } from '../../core/next-command.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository, type Repository } from '../../git/repository.ts'
import { refuseUnmergeable } from '../../git/unmergeable.ts'
import { createWorkspace } from '../../git/worktree/workspace.ts'
import type { HostCallRecord } from '../../host/client.ts'
import type { WarmHost } from '../../host/warm/warm-host.ts'
import { look } from '../../run/mission/look.ts'
import { missionIdBeside } from '../../run/mission/mission-fields.ts'
import type { RunState } from '../../state/schema.ts'
import { createStore } from '../../state/store.ts'
import { checkAgents, checkMission, firstState } from '../running/preflight.ts'
import { overridesOf, type RunFlags } from '../running/run-flags.ts'
import { listenForShutdown } from '../running/shutdown.ts'
import { withHintAfterAbort } from '../shared/hint-after-abort.ts'
import { takeLock } from '../shared/lock.ts'
import { checkHostIdentity, knownAgents, openAgents, openHostOfRun, warmHostFor } from '../shared/open-project.ts'
import { requireRun } from '../shared/stored-run.ts'

/** Resumes the saved run from the lanes that the host reports, with its saved configuration and the given flags. */
export async function resumeCommand(options: RunFlags): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const found = await requireRun(repository.kittify)
  const shutdown = listenForShutdown(found.runId)
  const release = takeLock(repository.kittify, found.runId)
  let warm: WarmHost | null = null
  try {
    // Read again under the lock: its owner may have changed it until just now.
    const state = await requireRun(repository.kittify)
    if (state.phase === 'aborted') throw aborted(state.mission)
    const { config, strategyProblem } = await configOf(state, options, repository)
    warm = warmHostFor(repository, config)
    // A fifth of our start-up, which need not delay that of the helper.
    const { runMission } = await import('../running/run-mission.ts')
    await refuseUnmergeable(repository.root)
    await checkHostIdentity(repository, config)
    const agents = openAgents(config)
    const earlierCalls: HostCallRecord[] = []
    const host = openHostOfRun(repository, config, state.runId, warm, call => earlierCalls.push(call))
    const mission = await look(host, state.mission, await firstState(host, state.mission))
    // Without open WPs only the merge or the acceptance is missing, which needs no agent.
    const open = mission.nodes.some(node => !satisfiesDependents(node.lane))
    if (open) checkAgents(config, agents.registry, agents.unavailable)
    const wpFile = await checkMission({
      host,
      repository,
      mission,
      strategy: config.finish.merge,
      wantsFile: state.missionId === null,
    })
    const workspace = createWorkspace(repository.root)
    const missionId = state.missionId ?? (wpFile === null ? null : await missionIdBeside({ workspace }, wpFile))
    const store = createStore(repository.kittify, state)
    await store.replaceState({ ...state, missionId, config, phase: 'running', exitCode: null, end: null })
    return await withHintAfterAbort(repository.kittify, () =>
      runMission({
        repository,
        config,
        agents,
        warm,
        hostProblems: [],
        earlierCalls,
        strategyProblem,
        mission,
        wpFile,
        store,
        shutdown,
        resumed: true,
        output: { json: options.json ?? false, plain: options.plain ?? false },
        keepAwake: options.caffeinate,
      }),
    )
  } finally {
    warm?.close()
    release()
    shutdown.dispose()
  }
}

/** That of the run, with the given flags. */
async function configOf({ config }: RunState, options: RunFlags, { root }: Repository) {
  const flags = overridesOf(options)
  const problems: string[] = []
  const strategy = await withStrategy(withOverrides({}, flags), root, reason => problems.push(reason))
  const parsed = parseStoredConfig(config, { overrides: [...flags, ...strategy], knownAgents })
  return { config: parsed, strategyProblem: problems[0] ?? null }
}

function aborted(mission: string): OrchestratorError {
  return new OrchestratorError({
    code: 'run-aborted',
    exitCode: exitCodes.usage,
    message: `the last run of mission ${mission} was aborted`,
    next: [newRun(mission)],
  })
}
