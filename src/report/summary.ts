import { answererWords } from '../core/agent/model-swap.ts'
import { usedOfCeiling } from '../core/budget/budget-words.ts'
import { duration, listed, table, usage } from '../core/format.ts'
import type { WpId } from '../core/ids.ts'
import { dilutionWords } from '../core/judgement/dilution/dilution.ts'
import { findingLine } from '../core/judgement/follow-ups.ts'
import { nextLine } from '../core/next-command.ts'
import { oneLine } from '../core/text.ts'
import { type Role, roles } from '../core/work-package/work-package.ts'
import type { RunFinished, WpSummary } from '../run/events/end-event.ts'
import { recordLines } from '../run/events/record-event.ts'

export function outcomeOf(event: RunFinished): string {
  const done = event.workPackages.filter(wp => (wp.lane === 'done' || wp.lane === 'approved') && !wp.reason)
  // The host means merged by done, so without an approved one someone else has merged the mission.
  const isPending = done.length === event.workPackages.length && done.some(wp => wp.lane === 'approved')
  const merged = event.merged ? ', merged' : isPending ? ', merge pending' : ''
  const accepted = event.accepted ? ', accepted' : ''
  return `${done.length} of ${event.workPackages.length} work packages approved or done${merged}${accepted}`
}

/** The report at the end: a table, what needs attention, and what to run next. */
export function summary(event: RunFinished): string {
  const head = ['WP', 'lane', 'implemented by', 'reviewed by', 'attempts', 'cycles', 'time', 'usage']
  const shown = event.workPackages.length > mostRows ? event.workPackages.filter(isOpen) : event.workPackages
  const rows = shown
    .slice(0, mostRows)
    .map(wp => [
      wp.wpId,
      wp.lane,
      wp.implementers.join(', ') || '-',
      wp.reviewers.join(', ') || '-',
      String(wp.attempts),
      String(wp.cycles),
      duration(wp.elapsedMs),
      costs(wp),
    ])
  const rowsText = rows.length > 0 ? [table([head, ...rows])] : []
  const open = event.workPackages.filter(isOpen)
  const people = open.filter(wp => wp.heldBy === null)
  const held = open.filter(wp => wp.heldBy !== null)
  const reasonOf = (wp: WpSummary) => [
    `${wp.wpId}: ${wp.reason}`,
    ...[...wp.tried, ...wp.findings].map(line => `    ${line}`),
  ]
  const reasons = (wps: readonly WpSummary[]) => [
    ...wps.slice(0, mostRows).flatMap(reasonOf),
    ...othersLine(wps.length - mostRows),
  ]
  const branches = event.merged ? [] : branchesOf(event.workPackages)
  return [
    `Mission ${event.mission}: ${outcomeOf(event)} in ${duration(event.elapsedMs)}`,
    [...rowsText, ...othersLine(event.workPackages.length - rows.length)].join('\n'),
    ...section('Answered by', answeredBy(event.workPackages)),
    `Used by this run: ${event.used.map(usedOfCeiling).join(', ')}`,
    ...section('Tests or checks may say less than before', dilutionLines(event.workPackages)),
    ...section('Held by a budget or a limit', reasons(held)),
    ...section('Needs attention', reasons(people)),
    ...section('Follow-ups that reviews found, not required', followUpLines(event.workPackages)),
    ...section('Lane branches, not merged', [...new Set(branches)]),
    ...(event.exitCode === 0 ? [] : [`Ended with exit code ${event.exitCode}: ${event.reason}`]),
    ...section('Review record of the merge', event.record ? recordLines(event.record) : []),
    ...section('Next', event.next.map(nextLine)),
  ].join('\n\n')
}

/** One line for each agent, version and model, with its WPs; none if the CLIs stated nothing. */
function answeredBy(wps: readonly WpSummary[]): readonly string[] {
  const lines = new Map<string, Record<Role, WpId[]>>()
  for (const { wpId, usedModels } of wps)
    for (const used of usedModels) {
      if (used.model === null && used.cliVersion === null) continue
      const words = answererWords(used.agent, used)
      const of = lines.get(words) ?? { implementation: [], review: [] }
      lines.set(words, { ...of, [used.role]: [...of[used.role], wpId] })
    }
  return [...lines].map(([words, of]) => {
    const parts = roles.flatMap(role => (of[role].length === 0 ? [] : [`${role} of ${listed(of[role])}`]))
    return `${words}: ${parts.join('; ')}`
  })
}

function followUpLines(wps: readonly WpSummary[]): readonly string[] {
  const lines = wps.flatMap(({ wpId, followUps }) => followUps.map(finding => `${wpId}: ${findingLine(finding)}`))
  return [...lines.slice(0, mostRows), ...othersLine(lines.length - mostRows, 'sko status --json')]
}

/** A table of more rows is not read, and pushes what needs attention off the screen. */
const mostRows = 40

const mostDilutions = 20

function dilutionLines(wps: readonly WpSummary[]): readonly string[] {
  const lines = wps.flatMap(({ wpId, dilutions }) =>
    dilutions.map(dilution => `${wpId} ${dilutionWords(dilution)}; the reviewer answered: ${oneLine(dilution.answer)}`),
  )
  const more = lines.length - mostDilutions
  return more > 0 ? [...lines.slice(0, mostDilutions), `… and ${more} more`] : lines
}

function isOpen({ reason }: WpSummary): boolean {
  return reason !== null
}

function othersLine(count: number, command = 'sko status'): readonly string[] {
  return count <= 0 ? [] : [`… and ${count} more, see: ${command}`]
}

/** One line for each WP, or, for many, one for each branch. */
function branchesOf(wps: readonly WpSummary[]): readonly string[] {
  if (wps.length <= mostRows) return wps.flatMap(({ wpId, branch }) => (branch === null ? [] : [`${wpId}: ${branch}`]))
  const ids = new Map<string, WpId[]>()
  for (const { wpId, branch } of wps) if (branch !== null) ids.set(branch, [...(ids.get(branch) ?? []), wpId])
  return [...ids].map(([branch, wpIds]) => `${branch}: ${listed(wpIds)}`)
}

function costs({ usage: used, attemptsOfUnknownCost: unknown }: WpSummary): string {
  const attempts = unknown === 1 ? 'attempt' : 'attempts'
  return used === null || unknown === 0 ? usage(used) : `${usage(used)}, ${unknown} ${attempts} of unknown cost`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map(line => `  ${line}`).join('\n')}`]
}
