import { answererWords } from '../../core/agent/model-swap.ts'
import { usedOfCeiling } from '../../core/budget/budget-words.ts'
import { duration, table } from '../../core/format.ts'
import { commandAfterAbort } from '../../core/mission/after-abort.ts'
import { nextWords } from '../../core/next-command.ts'
import { exitCodes } from '../../errors.ts'
import type { BoardSize } from '../../report/board-view.ts'
import type { RunStatus, WpStatus } from '../shared/run-status.ts'

/**
 * All WPs. On a screen that cannot hold them: what runs, then what needs attention, and how many others there are in
 * each lane. `screen`: null if it is no terminal.
 */
export function statusText(status: RunStatus, screen: BoardSize | null): string {
  const all = linesOf(status, status.workPackages)
  if (screen === null || heightOf(all, screen) < screen.rows) return all.join('\n')
  const running = status.workPackages.filter(wp => wp.elapsedMs !== null)
  const urgent = [...running, ...status.workPackages.filter(wp => wp.elapsedMs === null && wp.needsPerson)]
  let count = Math.min(urgent.length, screen.rows)
  while (count > 0 && heightOf(linesOf(status, urgent.slice(0, count)), screen) >= screen.rows) count -= 1
  return linesOf(status, urgent.slice(0, count)).join('\n')
}

function linesOf(status: RunStatus, shown: readonly WpStatus[]): readonly string[] {
  const rows = shown.map(wp => [
    wp.wpId,
    wp.lane,
    wp.agent === null ? '-' : answererWords(wp.agent, wp),
    wp.attempt === 0 ? '-' : `${wp.attempt} (cycle ${wp.cycle})`,
    wp.elapsedMs === null ? '-' : duration(wp.elapsedMs),
    `${wp.step}${nextWords(wp.next)}`,
    wp.log ?? '',
  ])
  const cooldowns = Object.entries(status.cooldowns)
  const parts = [
    `Run ${status.runId} of mission ${status.mission}: ${runStateText(status)}`,
    '',
    table([['WP', 'lane', 'agent', 'attempt', 'running', 'next', 'log'], ...rows]),
    ...othersLine(status.workPackages, new Set(shown)),
    '',
    `Used by this run: ${status.used.map(usedOfCeiling).join(', ')}`,
    ...cooldowns.map(([key, { until, reason }]) => `${key} is not used until ${until}: ${reason}`),
    ...shown.flatMap(whatWasTried),
  ]
  return parts.join('\n').split('\n')
}

function othersLine(all: readonly WpStatus[], shown: ReadonlySet<WpStatus>): readonly string[] {
  const others = all.filter(wp => !shown.has(wp))
  if (others.length === 0) return []
  const counts = new Map<string, number>()
  for (const { lane } of others) counts.set(lane, (counts.get(lane) ?? 0) + 1)
  const words = [...counts].map(([lane, count]) => `${count} ${lane}`)
  const persons = others.filter(({ needsPerson }) => needsPerson).length
  const attention = persons === 0 ? '' : `; ${persons} of them need attention`
  return ['', `… and ${others.length} more: ${words.join(', ')}${attention}. All of them: sko status | cat`]
}

/** In rows of the screen, which breaks long lines. */
function heightOf(lines: readonly string[], { columns }: BoardSize): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0)
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
