import { resumeAbove, usedOfCeiling, whatIsUsed, whyOver } from '../core/budget/budget-words.ts'
import { duration, table, usage } from '../core/format.ts'
import { oneLine } from '../core/text.ts'
import { howCheckEnded } from '../core/work-package/work-package.ts'
import { describeCoverage } from '../run/events/coverage-event.ts'
import type {
  BudgetTold,
  Event,
  ReviewerChangedTree,
  RunFinished,
  TreePutBack,
  WpSummary,
} from '../run/events/event.ts'
import { describeKept } from '../run/events/kept-event.ts'
import { describeMission } from '../run/events/mission-event.ts'
import { describeProject } from '../run/events/project-event.ts'

/** One event in words, for lines and the board's scrollback; null for what only machines want to know. */
export function describe(event: Event): string | null {
  switch (event.type) {
    case 'run-started': {
      const verb = event.resumed ? 'resumed' : 'started'
      return `${verb} mission ${event.mission}: ${event.workPackages} work packages, at most ${event.maxConcurrent} at once; logs in ${event.logs}`
    }
    case 'looked':
      return null
    case 'lane-changed':
      return `${event.wpId} ${event.from} -> ${event.to}`
    case 'attempt-started': {
      const hands = event.role === 'review' && !event.reviewerIsReadOnly ? ', with write access' : ''
      return `${event.wpId} ${event.role} by ${event.agent} begins (attempt ${event.attempt}, cycle ${event.cycle}${hands})`
    }
    case 'attempt-adopted': {
      const how = event.running ? 'is still at work and goes on' : 'ended while nobody looked, which counts'
      return `${event.wpId} ${event.role} by ${event.agent} ${how} (attempt ${event.attempt}, cycle ${event.cycle})`
    }
    case 'attempt-ended': {
      const how = event.interrupted ? 'was interrupted' : event.failure ? `failed: ${failure(event.failure)}` : 'ended'
      const where = event.failure ? `; log ${event.log}.out.log` : ''
      return `${event.wpId} ${event.role} by ${event.agent} ${how} after ${duration(event.elapsedMs)}${where}`
    }
    case 'agent-quiet':
      return `${event.wpId} ${event.role} by ${event.agent} shows no sign of life for ${event.quietSeconds} s; stopped at ${event.limitSeconds} s; log ${event.log}.out.log`
    case 'check-ended': {
      const how =
        event.exitCode === 0
          ? 'passed'
          : event.exitCode === null
            ? `was ${howCheckEnded(event)}`
            : `failed (exit ${event.exitCode})`
      return `${event.wpId} check ${how} after ${duration(event.elapsedMs)}: ${oneLine(event.command, 100)}${event.exitCode === 0 ? '' : `; log ${event.log}`}`
    }
    case 'budget':
      return budgetLine(event)
    case 'paused':
      return 'paused: what runs is finished, nothing new begins -> sko continue'
    case 'continued':
      return 'goes on'
    case 'wp-taken-away':
      return `${event.wpId} was moved from ${event.from} to ${event.to} by somebody else and is left to them`
    case 'attempt-void':
      return `${event.wpId} attempt ${event.attempt} by ${event.agent} does not count: ${failure(event.failure)}; log ${event.log}.out.log`
    case 'taken-as-given':
    case 'approved-by-others':
    case 'uncovered':
    case 'unreviewed-shown':
    case 'merged-by-others':
    case 'unattributed':
    case 'accepted-by-others':
    case 'lanes-merged-by-others':
    case 'confirmed':
    case 'pushed':
    case 'not-pushed':
      return describeCoverage(event)
    case 'work-committed':
      return `${event.wpId} committed ${event.commit.slice(0, 10)}: ${event.message}`
    case 'subtasks-marked':
      return `${event.wpId} marked ${event.subtasks.join(', ')} as done, on the agent's word`
    case 'verdict': {
      const findings = event.findings.length === 0 ? '' : `, ${event.findings.length} finding(s)`
      return `${event.wpId} ${event.verdict} by ${event.agent} at ${event.commit.slice(0, 10)}${findings}: ${oneLine(event.summary, 200)}`
    }
    case 'reviewer-changed-tree':
      return `${event.wpId} the tree was changed while ${event.agent} reviewed it; ${putBack(event)}`
    case 'tree-put-back': {
      const when = event.during === 'checks' ? 'by the checks' : 'while no attempt of this run was watched'
      return `${event.wpId} the tree was changed ${when}; ${putBack(event)}`
    }
    case 'commits-on-top':
      return `${event.wpId} has ${event.commits} commit(s) that were made after its reviewer had ended; they stay and are reviewed, at ${event.head.slice(0, 10)}`
    case 'work-kept':
    case 'stash-crossed':
    case 'setting-flipped':
    case 'kept-pruned':
    case 'not-kept':
      return describeKept(event)
    case 'agent-out':
      return `${event.agent} is out for this run: ${event.reason} -> ${event.hint}`
    case 'cooldown':
      return `${event.agent}${event.model === null ? '' : ` (${event.model})`} is left alone until ${event.until}: ${event.reason}`
    case 'host-refused':
      return `${event.wpId} the host refused '${event.step}': ${event.message}`
    case 'needs-person':
      return `${event.wpId} NEEDS A PERSON: ${event.reason} -> ${event.next}${event.log ? `; log ${event.log}.out.log` : ''}`
    case 'wp-waiting':
    case 'mission-unclear':
    case 'mission-clear':
    case 'mission-changed':
    case 'wps-gone':
      return describeMission(event)
    case 'orphans-reaped':
      return `ended ${event.processes} process(es) that an earlier run had left behind`
    case 'warning':
      return `warning: ${event.message} -> ${event.hint}`
    case 'own-files-in-git':
    case 'main-checkout-kept':
    case 'mission-incomplete':
    case 'main-checkout-changed':
      return describeProject(event)
    case 'merged':
      return `merged into ${event.targetBranch} (${event.strategy})`
    case 'accepted':
      return 'the mission is accepted'
    case 'stopping':
      return event.agentsLeft === null
        ? `${event.signal}: stopping; agents are ended and their work is kept (once more: at once)`
        : `${event.signal}: sko ends, ${event.agentsLeft} agent(s) go on without it (on_hangup: leave) -> sko resume`
    case 'run-finished':
      return `${outcomeOf(event)} after ${duration(event.elapsedMs)}`
    case 'run-ended':
      return `the run has ended (exit ${event.exitCode}): ${event.reason} -> ${event.hint}; next: ${event.next.join(', ')}`
  }
}

function putBack({ wpId, since, kept, patch }: ReviewerChangedTree | TreePutBack): string {
  const file = patch === null ? '' : `; as a patch: ${patch}`
  const number = kept.slice(kept.lastIndexOf('/') + 1)
  return `put back, the change is kept: git diff ${since.slice(0, 10)} ${kept}${file} -> to have it again: sko kept ${wpId} --restore ${number}`
}

function budgetLine(event: BudgetTold): string {
  if (event.level === 'warned') return `warning: ${whatIsUsed(event)}`
  return `${whyOver(event)}: no new attempt begins -> ${resumeAbove([event])}`
}

function failure({ class: name, detail }: { readonly class: string; readonly detail: string }): string {
  return `${name}: ${detail}`
}

function outcomeOf(event: RunFinished): string {
  const done = event.workPackages.filter(wp => (wp.lane === 'done' || wp.lane === 'approved') && !wp.reason).length
  const merged = event.merged ? ', merged' : ''
  const accepted = event.accepted ? ', accepted' : ''
  return `${done} of ${event.workPackages.length} work packages approved or done${merged}${accepted}`
}

/** The report at the end: a table, what needs a person, and what to run next. */
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
    ...section('Held, nothing is wrong with them', reasons(held)),
    ...section('Needs a person', reasons(people)),
    ...section('Lane branches, not merged', [...new Set(branches)]),
    ...(event.exitCode === 0 ? [] : [`Ended with exit code ${event.exitCode}: ${event.reason}`]),
    ...section('Next', event.next),
  ].join('\n\n')
}

function costs({ usage: used, attemptsOfUnknownCost: unknown }: WpSummary): string {
  const attempts = unknown === 1 ? 'attempt' : 'attempts'
  return used === null || unknown === 0 ? usage(used) : `${usage(used)}, ${unknown} ${attempts} of unknown cost`
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:\n${lines.map(line => `  ${line}`).join('\n')}`]
}
