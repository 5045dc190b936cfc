import { unknownOf } from '../../core/budget/budget-words.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { PersonRequest } from '../requests/requests.ts'

/** What went wrong beside the work packages, and what the run does about it by itself or needs a person for. */
export type TroubleEvent =
  | NotReported
  | NotifyFailed
  | AgentUntested
  | RequestUnreadable
  | RequestDropped
  /** `.kittify/orchestrator-requests` cannot be read: commands do not reach the run. */
  | { readonly type: 'requests-unreachable'; readonly reason: string }
  /** A request was carried out, but its command could not be given the answer. */
  | { readonly type: 'request-unanswered'; readonly reason: string }
  /** The run is stopping, and a call of the host that changes something is left to end by itself. */
  | { readonly type: 'host-call-left'; readonly hint: string }
  /** An error ends the run once the agents at work have finished their attempts. */
  | { readonly type: 'run-failing'; readonly reason: string }
  | NotMerged
  | NotAccepted
  | UsageUnknown
  /** An approval or a rejection that does not count: the WP is reviewed again. */
  | { readonly type: 'verdict-void'; readonly wpId: WpId; readonly reason: string }
  /** A lane worktree that an interrupted claim had left half-made; it held no work. */
  | { readonly type: 'half-made-removed'; readonly wpId: WpId; readonly worktree: string }
  | CommitsElsewhere

/** A reporter failed: the journal, the terminal or stdout may lack an event. */
interface NotReported {
  readonly type: 'not-reported'
  readonly reason: string
}

/** `notify.command` failed; the first failure of a run is reported. */
export interface NotifyFailed {
  readonly type: 'notify-failed'
  /** Type of the event that it was run for. */
  readonly event: string
  readonly reason: string
  /** File with what it printed. */
  readonly output: string
}

/** The installed version of a configured agent is none that `sko` is known to work with. */
export interface AgentUntested {
  readonly type: 'agent-untested'
  readonly agent: AgentId
  readonly reason: string
  /** null: no version of it was tested. */
  readonly testedRange: string | null
}

/** A file in `.kittify/orchestrator-requests` that is no request, and was removed. */
interface RequestUnreadable {
  readonly type: 'request-unreadable'
  readonly id: string
  readonly reason: string
}

/** A request that was left to an earlier process of the run, which ended first. */
interface RequestDropped {
  readonly type: 'request-dropped'
  readonly request: PersonRequest['kind']
  /** null: it is about the whole run. */
  readonly wpId: WpId | null
  /** It may have been carried out in part. */
  readonly begun: boolean
}

interface NotMerged {
  readonly type: 'not-merged'
  /** Of the host's answer. */
  readonly code: string
  readonly message: string
  /** `unknown`: no answer says whether it was merged. */
  readonly target: 'untouched' | 'unknown'
  readonly hint: string
}

interface NotAccepted {
  readonly type: 'not-accepted'
  readonly code: string
  readonly message: string
  readonly hint: string
}

/** An attempt did not report what a budget counts; reported once per unit. */
interface UsageUnknown {
  readonly type: 'usage-unknown'
  readonly wpId: WpId
  readonly agent: AgentId
  readonly unit: 'usd' | 'tokens'
}

/** An agent left commits that do not continue the lane branch: they are not part of the work. */
interface CommitsElsewhere {
  readonly type: 'commits-elsewhere'
  readonly wpId: WpId
  readonly laneBranch: string
  /** null: a detached HEAD. */
  readonly branch: string | null
  /** Where they end. */
  readonly head: string
}

export function describeTrouble(event: TroubleEvent): string {
  return `warning: ${troubleWords(event)}`
}

function troubleWords(event: TroubleEvent): string {
  switch (event.type) {
    case 'not-reported':
      return `not all is reported: ${event.reason} -> nothing else is affected; reports continue once the cause is removed`
    case 'notify-failed':
      return `notify.command ${event.reason} (event ${event.event}); it is told once, whatever comes of the others -> what it printed is in ${event.output}`
    case 'agent-untested':
      return `${event.agent} ${event.reason} -> see whether it works: sko agents test ${event.agent}`
    case 'request-unreadable':
      return `a request (${event.id}) was removed: ${event.reason} -> give the command again`
    case 'request-dropped': {
      const what = event.wpId === null ? event.request : `${event.request} ${event.wpId}`
      const done = event.begun ? 'may have been done only in part' : 'was not done'
      return `the run before did not finish what was asked of it: sko ${what} ${done} -> give the command again if it is still wanted`
    }
    case 'requests-unreachable':
      return `sko pause, continue, retry, skip and confirm do not reach this run: ${event.reason} -> Ctrl+C, or sko abort, stop it`
    case 'request-unanswered':
      return `a request was carried out, but could not be answered: ${event.reason} -> sko status shows what came of it`
    case 'host-call-left':
      return `a call of the host is still under way and is left to finish by itself -> ${event.hint}`
    case 'run-failing':
      return `the run cannot go on: ${event.reason} -> agents at work finish their attempt, then the run ends (Ctrl+C: at once)`
    case 'not-merged':
      return `not merged (${event.code}): ${event.message} -> ${event.hint}`
    case 'not-accepted':
      return `not accepted (${event.code}): ${event.message} -> ${event.hint}`
    case 'usage-unknown':
      return `${event.wpId}: an attempt by ${event.agent} ended without its ${unknownOf(event.unit)}, which budget.${event.unit} then cannot count -> budget.wall_clock_seconds counts every agent`
    case 'verdict-void':
      return `${event.wpId}: the verdict is void: ${event.reason} -> it is reviewed again`
    case 'half-made-removed':
      return `${event.wpId}: removed the lane worktree that an interrupted claim had left half-made -> nothing was lost: it held no work`
    case 'commits-elsewhere': {
      const where = event.branch === null ? 'on no branch' : `on branch ${event.branch}`
      return `${event.wpId}: its agent left commits ${where}, which do not continue ${event.laneBranch}: they are not part of the work -> they end at ${event.head}`
    }
  }
}
