import { setTimeout as sleep } from 'node:timers/promises'
import { parseStoredConfig } from '../../config/load.ts'
import { usedOfCeiling } from '../../core/budget/budget-words.ts'
import { duration, table } from '../../core/format.ts'
import { commandAfterAbort } from '../../core/mission/after-abort.ts'
import { nextWords } from '../../core/next-command.ts'
import { type ExitCode, exitCodes } from '../../errors.ts'
import { findRepository } from '../../git/repository.ts'
import { look, type Mission } from '../../run/mission/look.ts'
import { readRunLock } from '../../state/run-lock.ts'
import { withHintAfterAbort } from '../shared/hint-after-abort.ts'
import { openHost } from '../shared/open-project.ts'
import { type RunStatus, statusOf, type WpStatus } from '../shared/run-status.ts'
import { requireRun } from '../shared/stored-run.ts'
import { paint, terminalColumns, writeOut } from '../terminal/output.ts'

interface StatusOptions {
  readonly repoRoot?: string
  readonly json?: boolean
  readonly watch?: boolean
}

const watchMs = 2_000
/** Each look at the host takes almost two seconds of processor time. */
const lookMs = 10_000

/** Reads only: the saved run, and the lanes from the host. */
export async function statusCommand({ repoRoot, json = false, watch = false }: StatusOptions): Promise<ExitCode> {
  const repository = await findRepository(repoRoot)
  let mission: Mission | null = null
  let lookedAt = Number.NEGATIVE_INFINITY
  for (;;) {
    const state = await requireRun(repository.kittify)
    const config = parseStoredConfig(state.config)
    if (mission === null || performance.now() - lookedAt >= lookMs) {
      lookedAt = performance.now()
      mission = await withHintAfterAbort(repository.kittify, () => look(openHost(repository, config), state.mission))
    }
    const status = statusOf(repository.kittify, state, config, readRunLock(repository.kittify), mission)
    const shown = json ? JSON.stringify(status) : statusText(status)
    if (watch && !json && terminalColumns() !== null) paint(clearScreen)
    writeOut(`${shown}\n`)
    if (!watch) return exitCodes.ok
    await sleep(watchMs)
  }
}

const clearScreen = '\u001b[H\u001b[2J'

function statusText(status: RunStatus): string {
  const rows = status.workPackages.map(wp => [
    wp.wpId,
    wp.lane,
    wp.agent ?? '-',
    wp.attempt === 0 ? '-' : `${wp.attempt} (cycle ${wp.cycle})`,
    wp.elapsedMs === null ? '-' : duration(wp.elapsedMs),
    `${wp.step}${nextWords(wp.next)}`,
    wp.log ?? '',
  ])
  const cooldowns = Object.entries(status.cooldowns)
  return [
    `Run ${status.runId} of mission ${status.mission}: ${runStateText(status)}`,
    '',
    table([['WP', 'lane', 'agent', 'attempt', 'running', 'next', 'log'], ...rows]),
    '',
    `Used by this run: ${status.used.map(usedOfCeiling).join(', ')}`,
    ...cooldowns.map(([key, { until, reason }]) => `${key} is not used until ${until}: ${reason}`),
    ...status.workPackages.flatMap(whatWasTried),
  ].join('\n')
}

function runStateText({ owner, phase, paused, mission, end }: RunStatus): string {
  if (owner !== null && paused) return `paused, process ${owner}; continue with: sko continue`
  if (owner !== null) return `running, process ${owner}`
  if (phase === 'aborted') return `aborted; a new run continues from the lanes: ${commandAfterAbort(mission)}`
  if (end !== null && end.exitCode !== exitCodes.ok) {
    return `ended (exit ${end.exitCode}): ${end.reason}${nextWords(end.next)}`
  }
  return phase === 'running' ? 'interrupted; continue with: sko resume' : phase
}

function whatWasTried({ wpId, tried, findings }: WpStatus): readonly string[] {
  const lines = [...tried, ...findings]
  return lines.length === 0 ? [] : ['', `${wpId}, tried so far:`, ...lines.map(line => `  ${line}`)]
}
