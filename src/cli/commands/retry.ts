import { parseStoredConfig } from '../../config/load.ts'
import { withFreshCounters } from '../../core/apply-outcome.ts'
import { isWpId } from '../../core/ids.ts'
import { laneName } from '../../core/lane.ts'
import { newRecord, type WpRecord } from '../../core/work-package.ts'
import { type ExitCode, exitCodes, OrchestratorError } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { hostError, look } from '../../run/look.ts'
import { createStore } from '../../state/store.ts'
import { takeLock } from '../lock.ts'
import { openHost } from '../open-project.ts'
import { writeOut } from '../output.ts'
import { storedPool } from '../stored-pool.ts'
import { requireRun } from '../stored-run.ts'

interface RetryOptions {
  readonly repoRoot?: string
  readonly reason?: string
}

/** Puts a blocked WP back to in_progress at the host and starts its counters again; `sko resume` then works on it. */
export async function retryCommand(wp: string, options: RetryOptions): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const release = takeLock(repository.kittify, (await requireRun(repository.kittify)).runId)
  try {
    const state = await requireRun(repository.kittify)
    if (state.phase === 'aborted') {
      throw usage('the run was aborted', `begin a new one: sko orchestrate --mission ${state.mission}`)
    }
    const config = parseStoredConfig(state.config)
    const host = openHost(repository, config)
    const mission = await look(host, state.mission)
    const node = mission.nodes.find(other => isWpId(wp) && other.wpId === wp)
    if (!node) throw usage(`there is no ${JSON.stringify(wp)}`, mission.nodes.map(other => other.wpId).join(', '))
    if (node.lane !== 'blocked') {
      throw usage(`${node.wpId} is in ${laneName(node.lane)}, not blocked`, 'go on with: sko resume')
    }
    const store = createStore(repository.kittify, state)
    const pool = storedPool(store, config)
    const agent = pool.facts('implementation')[0]
    if (!agent) throw usage('no agent is configured for the implementation', 'agents.implementation')
    // Before the host is told: if we die in between, the WP is found with its counters reset and not spent.
    const record: WpRecord = state.workPackages[node.wpId] ?? newRecord(node.wpId)
    await store.saveWorkPackage(withFreshCounters(record))
    const answer = await host.transition({
      mission: mission.slug,
      wpId: node.wpId,
      to: 'in_progress',
      policy: pool.policy(agent.id, 'implementation'),
      note: `retry: ${options.reason ?? 'asked for by a person'}`,
    })
    if (!answer.ok) throw hostError(answer, 'sko status shows the lane as the host sees it')
    writeOut(`${node.wpId} blocked -> in_progress; go on with: sko resume\n`)
    return exitCodes.ok
  } finally {
    release()
  }
}

function usage(message: string, hint: string): OrchestratorError {
  return new OrchestratorError({ code: 'cannot-retry', exitCode: exitCodes.usage, message, hint })
}
