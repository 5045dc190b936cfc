import { usedOfCeiling } from '../core/budget/budget-words.ts'
import { duration, table, usage } from '../core/format.ts'
import { nextLine } from '../core/next-command.ts'
import type { RunFinished, WpSummary } from '../run/events/end-event.ts'

export function outcomeOf(event: RunFinished): string {
  const done = event.workPackages.filter(wp => (wp.lane === 'done' || wp.lane === 'approved') && !wp.reason).length
  const merged = event.merged ? ', merged' : ''
  const accepted = event.accepted ? ', accepted' : ''
  return `${done} of ${event.workPackages.length} work packages approved or done${merged}${accepted}`
}

/** The report at the end: a table, what needs attention, and what to run next. */
export function summary(event: RunFinished): string {
  const head = ['WP', 'lane', 'implemented by', 'reviewed by', 'attempts', 'cycles', 'time', 'usage']
  const rows = event.workPackages.map(wp => [
    wp.wpId,
    wp.lane,
    wp.implementers.join(', ') || '-',
    wp.reviewers.join(', ') || '-',
    String(wp.attempts),
    String(wp.cycles),
    duration(wp.elapsedMs),
    costs(wp),
  ])
  const open = event.workPackages.filter(wp => wp.reason !== null)
  const people = open.filter(wp => wp.heldBy === null)
  const held = open.filter(wp => wp.heldBy !== null)
  const reasons = (wps: readonly WpSummary[]) =>
    wps.flatMap(wp => [`${wp.wpId}: ${wp.reason}`, ...[...wp.tried, ...wp.findings].map(line => `    ${line}`)])
  const branches = event.merged
    ? []
    : event.workPackages.filter(wp => wp.branch !== null).map(wp => `${wp.wpId}: ${wp.branch}`)
  return [
    `Mission ${event.mission}: ${outcomeOf(event)} in ${duration(event.elapsedMs)}`,
    table([head, ...rows]),
    `Used by this run: ${event.used.map(usedOfCeiling).join(', ')}`,
    ...section('Held by a budget or a limit', reasons(held)),
    ...section('Needs attention', reasons(people)),
    ...section('Lane branches, not merged', [...new Set(branches)]),
    ...(event.exitCode === 0 ? [] : [`Ended with exit code ${event.exitCode}: ${event.reason}`]),
    ...section('Next', event.next.map(nextLine)),
  ].join('\n\n')
}

function costs({ usage: used, attemptsOfUnknownCost: unknown }: WpSummary): string {
  const attempts = unknown === 1 ? 'attempt' : 'attempts'
  return used === null || unknown === 0 ? usage(used) : `${usage(used)}, ${unknown} ${attempts} of unknown cost`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map(line => `  ${line}`).join('\n')}`]
}
