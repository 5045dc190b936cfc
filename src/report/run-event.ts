import { whatIsUsed, whyOver } from '../core/budget/budget-words.ts'
import { duration } from '../core/format.ts'
import type { BudgetReported, Event } from '../run/events/event.ts'
import { outcomeOf } from './summary.ts'

type RunEvent = Extract<
  Event,
  {
    type:
      | 'run-started'
      | 'budget'
      | 'paused'
      | 'continued'
      | 'orphans-reaped'
      | 'merged'
      | 'accepted'
      | 'stopping'
      | 'run-finished'
      | 'run-ended'
  }
>

/** Describes what happened to the run as a whole. */
export function describeRun(event: RunEvent): string {
  switch (event.type) {
    case 'run-started': {
      const verb = event.resumed ? 'resumed' : 'started'
      return `${verb} mission ${event.mission}: ${event.workPackages} work packages, at most ${event.maxConcurrent} at once; logs in ${event.logs}`
    }
    case 'budget':
      return budgetLine(event)
    case 'paused':
      return 'paused: running attempts finish, no new ones start'
    case 'continued':
      return 'continued'
    case 'orphans-reaped':
      return `ended ${event.processes} process(es) that an earlier run left behind`
    case 'merged':
      return `merged into ${event.targetBranch} (${event.strategy})`
    case 'accepted':
      return 'the mission is accepted'
    case 'stopping':
      return event.agentsLeft === null
        ? `${event.signal}: stopping the agents and keeping their work (again: stop at once)`
        : `${event.signal}: sko exits, ${event.agentsLeft} agent(s) keep running without it (on_hangup: leave)`
    case 'run-finished':
      return `${outcomeOf(event)} after ${duration(event.elapsedMs)}`
    case 'run-ended':
      return `the run has ended (exit ${event.exitCode}): ${event.reason}${event.hint && ` -> ${event.hint}`}`
  }
}

function budgetLine(event: BudgetReported): string {
  if (event.level === 'warned') return `warning: ${whatIsUsed(event)}`
  return `${whyOver(event)}: no new attempt starts`
}
