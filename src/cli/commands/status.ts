import { systemClock } from '../../clock.ts'
import { parseStoredConfig } from '../../config/load.ts'
import { isLaneId, type WpId } from '../../core/ids.ts'
import { laneName } from '../../core/lane.ts'
import { nextStep } from '../../core/lifecycle.ts'
import { whyNotReady } from '../../core/schedule.ts'
import type { FinishStep } from '../../core/step.ts'
import { newRecord, type WpRecord } from '../../core/work-package.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { duration, table } from '../../report/format.ts'
import { createRunBudget } from '../../run/budget.ts'
import { look } from '../../run/look.ts'
import type { Cooldown } from '../../run/ports.ts'
import { readRunLock } from '../../state/run-lock.ts'
import type { RunState } from '../../state/schema.ts'
import { createStore } from '../../state/store.ts'
import { openHost } from '../open-project.ts'
import { writeOut } from '../output.ts'
import { storedPool } from '../stored-pool.ts'
import { requireRun } from '../stored-run.ts'

interface WpStatus {
  readonly wpId: string
  readonly lane: string
  readonly role: string | null
  readonly agent: string | null
  readonly attempt: number
  readonly cycle: number
  readonly elapsedMs: number | null
  readonly next: string
  readonly log: string | null
}

/** Reads only: the run from disk, the lanes from the host. */
export async function statusCommand(options: {
  readonly repoRoot?: string
  readonly json?: boolean
}): Promise<ExitCode> {
  const repository = await findRepository(options.repoRoot)
  const state = await requireRun(repository.kittify)
  const owner = readRunLock(repository.kittify)
  const config = parseStoredConfig(state.config)
  const mission = await look(openHost(repository, config), state.mission)
  const store = createStore(repository.kittify, state)
  const pool = storedPool(store, config)
  const facts = { implementation: pool.facts('implementation'), review: pool.facts('review') }
  const now = systemClock.now()
  const budget = createRunBudget({
    config,
    records: store.records(),
    runStartedAt: state.startedAt,
    activeMs: () => state.activeMs,
    ports: { clock: systemClock, report: () => undefined },
  })
  const ceilingOf = (wpId: WpId) => ({
    implementation: budget.whyHeld(wpId, 'implementation'),
    review: budget.whyHeld(wpId, 'review'),
  })
  const standpoint = { nodes: mission.nodes, closed: new Map(), released: new Set<WpId>(), laneIds: new Map() }
  const workPackages = mission.nodes.map((node): WpStatus => {
    const record = recordOf(state, node.wpId) ?? newRecord(node.wpId)
    const last = record.attempts.at(-1)
    const running = last && owner && last.result === null ? last : null
    const step = nextStep(
      { ...node, worktree: anyWorktree, record },
      { config, agents: facts, now, ceiling: ceilingOf(node.wpId) },
    )
    return {
      wpId: node.wpId,
      lane: laneName(node.lane),
      role: running?.role ?? null,
      agent: last?.agent ?? null,
      attempt: last?.number ?? 0,
      cycle: record.cycle,
      elapsedMs: running ? now - Date.parse(running.startedAt) : null,
      next: running
        ? `${running.role} is running`
        : (node.lane === 'planned' && whyNotReady(node, standpoint)) || describeStep(step),
      log: last ? `${store.attemptFiles(node.wpId, last)}.out.log` : null,
    }
  })
  const cooldowns = Object.entries(state.cooldowns).filter(([, { until }]) => Date.parse(until) > now)
  if (options.json) {
    writeOut(
      `${JSON.stringify({ runId: state.runId, mission: state.mission, phase: state.phase, owner: owner?.identity.pid ?? null, cooldowns: Object.fromEntries(cooldowns), workPackages })}\n`,
    )
  } else writeOut(`${statusText(state, owner?.identity.pid ?? null, workPackages, cooldowns)}\n`)
  return exitCodes.ok
}

/** Where it lies does not matter for what comes next, only that there is one. */
const [anyWorktree = null] = ['lane-a']
  .filter(isLaneId)
  .map(laneId => ({ path: '', promptPath: '', laneId, branch: '', baseRef: null }))

function recordOf(state: RunState, wpId: WpRecord['wpId']): WpRecord | undefined {
  return state.workPackages[wpId]
}

function describeFinish(step: FinishStep): string {
  switch (step.end) {
    case 'complete':
      return 'finished'
    case 'held':
      return `held: ${step.reason}`
    case 'needs-person':
      return `needs a person: ${step.reason}`
  }
}

function describeStep(step: ReturnType<typeof nextStep>): string {
  switch (step.kind) {
    case 'finish':
      return describeFinish(step)
    case 'wait':
      return `waits until ${new Date(step.until).toISOString()}: ${step.reason}`
    case 'block':
      return `block: ${step.reason}`
    case 'claim':
    case 'implement':
    case 'review':
    case 'start-review':
    case 'submit':
      return `${step.kind} (${step.agent})`
    default:
      return step.kind
  }
}

function statusText(
  state: RunState,
  owner: number | null,
  workPackages: readonly WpStatus[],
  cooldowns: readonly (readonly [string, Cooldown])[],
): string {
  const who =
    owner === null
      ? state.phase === 'running'
        ? 'interrupted; go on with: sko resume'
        : state.phase
      : `at work, process ${owner}`
  const rows = workPackages.map(wp => [
    wp.wpId,
    wp.lane,
    wp.agent ?? '-',
    wp.attempt === 0 ? '-' : `${wp.attempt} (cycle ${wp.cycle})`,
    wp.elapsedMs === null ? '-' : duration(wp.elapsedMs),
    wp.next,
    wp.log ?? '',
  ])
  return [
    `Run ${state.runId} of mission ${state.mission}: ${who}`,
    '',
    table([['WP', 'lane', 'agent', 'attempt', 'running', 'next', 'log'], ...rows]),
    ...cooldowns.map(([key, { until, reason }]) => `${key} is left alone until ${until}: ${reason}`),
  ].join('\n')
}
