import { nextWords } from '../core/next-command.ts'
import { type CombinedEvent, describeCombined } from '../run/events/combined-event.ts'
import { type CommandEvent, describeCommand } from '../run/events/command-event.ts'
import { describeCoverage } from '../run/events/coverage-event.ts'
import type { Event } from '../run/events/event.ts'
import { describeKept } from '../run/events/kept-event.ts'
import { describeMission } from '../run/events/mission-event.ts'
import { describeModel, type ModelEvent } from '../run/events/model-event.ts'
import { describeProject } from '../run/events/project-event.ts'
import { describeRecord } from '../run/events/record-event.ts'
import { describeTrouble, type TroubleEvent } from '../run/events/trouble-event.ts'
import { describeRun } from './run-event.ts'
import { describeWp, type WpEvent } from './wp-event.ts'

/** One event as a line of text; null for events that only programs read. */
export function describe(event: Event): string | null {
  const words = wordsOf(event)
  // The commands of `run-finished` stand in the summary below it.
  if (words === null || !('next' in event) || event.type === 'run-finished') return words
  return words + nextWords(event.next)
}

function wordsOf(event: Event): string | null {
  switch (event.type) {
    case 'run-started':
    case 'budget':
    case 'paused':
    case 'continued':
    case 'orphans-reaped':
    case 'merged':
    case 'accepted':
    case 'stopping':
    case 'run-finished':
    case 'run-ended':
      return describeRun(event)
    case 'looked':
    case 'host-call':
      return null
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
    case 'work-kept':
    case 'stash-crossed':
    case 'setting-flipped':
    case 'kept-pruned':
    case 'kept-restored':
    case 'kept-removed':
    case 'not-kept':
      return describeKept(event)
    case 'wp-waiting':
    case 'mission-unclear':
    case 'mission-clear':
    case 'mission-changed':
    case 'wps-gone':
      return describeMission(event)
    case 'host-strategy-not-used':
    case 'own-files-in-git':
    case 'main-checkout-kept':
    case 'mission-incomplete':
    case 'main-checkout-changed':
      return describeProject(event)
    case 'recorded':
    case 'not-recorded':
    case 'record-pushed':
    case 'record-not-pushed':
      return describeRecord(event)
    default:
      return describeOther(event)
  }
}

/** Events of commands, of the combined result, of trouble outside the WPs, of models, and of one WP. */
function describeOther(event: CommandEvent | CombinedEvent | TroubleEvent | ModelEvent | WpEvent): string {
  switch (event.type) {
    case 'retried':
    case 'skipped':
    case 'request-refused':
    case 'owner-stopped':
    case 'work-not-committed':
    case 'aborted':
      return describeCommand(event)
    case 'combined-check':
    case 'sent-back':
    case 'combined-unchecked':
    case 'combined-differs':
    case 'conflict-foretold':
      return describeCombined(event)
    case 'not-reported':
    case 'notify-failed':
    case 'agent-untested':
    case 'request-unreadable':
    case 'request-dropped':
    case 'requests-unreachable':
    case 'request-unanswered':
    case 'still-under-way':
    case 'run-failing':
    case 'not-merged':
    case 'not-accepted':
    case 'usage-unknown':
    case 'verdict-void':
    case 'half-made-removed':
    case 'commits-elsewhere':
    case 'host-cold':
      return describeTrouble(event)
    case 'model-swapped':
    case 'wp-model-not-used':
    case 'wp-field-not-used':
    case 'host-agents-not-used':
      return describeModel(event)
    default:
      return describeWp(event)
  }
}
