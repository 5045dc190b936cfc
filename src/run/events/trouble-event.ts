import { unknownOf } from '../../core/budget/budget-words.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { PersonRequest } from '../requests/requests.ts'

/** What went wrong outside the work packages. The run handles it or asks a person. */
export type TroubleEvent =
  | NotReported
  | NotifyFailed
  | AgentUntested
  | RequestUnreadable
  | RequestDropped
  /** `.kittify/orchestrator-requests` cannot be read: commands do not reach the run. */
  | { readonly type: 'requests-unreachable'; readonly reason: string; readonly next: readonly NextCommand[] }
  /** A request was carried out, but its answer could not be delivered. */
  | { readonly type: 'request-unanswered'; readonly reason: string; readonly next: readonly NextCommand[] }
  | StillUnderWay
  /** An error ends the run after the running agents have finished their attempts. */
  | { readonly type: 'run-failing'; readonly reason: string }
  | NotMerged
  | NotAccepted
  | UsageUnknown
  /** A verdict does not count: the WP is reviewed again. */
  | { readonly type: 'verdict-void'; readonly wpId: WpId; readonly reason: string }
  /** An interrupted claim left an incomplete lane worktree, without work in it. It was removed. */
  | { readonly type: 'half-made-removed'; readonly wpId: WpId; readonly worktree: string }
  | CommitsElsewhere
  | HostCold

/** A reporter failed: the journal, the terminal or stdout may lack an event. */
interface NotReported {
  readonly type: 'not-reported'
  readonly reason: string
}

/** `notify.command` failed; the first failure of a run is reported. */
export interface NotifyFailed {
  readonly type: 'notify-failed'
  /** Type of the event for which the command ran. */
  readonly event: string
  readonly reason: string
  /** File with the output of the command. */
  readonly output: string
}

/** The installed version of a configured agent was not tested with sko. */
export interface AgentUntested {
  readonly type: 'agent-untested'
  readonly agent: AgentId
  readonly reason: string
  /** null when no version was tested. */
  readonly testedRange: string | null
  readonly next: readonly NextCommand[]
}

/** A file in `.kittify/orchestrator-requests` was not a valid request and was removed. */
interface RequestUnreadable {
  readonly type: 'request-unreadable'
  readonly id: string
  readonly reason: string
}

/** An earlier process of the run ended before it finished a request. */
interface RequestDropped {
  readonly type: 'request-dropped'
  readonly request: PersonRequest['kind']
  /** null when the request is about the whole run. */
  readonly wpId: WpId | null
  /** True when it may have been carried out in part. */
  readonly begun: boolean
}

/** The run is stopping, and something takes longer than is waited for. A call of the host is left to end by itself. */
interface StillUnderWay {
  readonly type: 'still-under-way'
  /** For a person: `the host call start-implementation`, `1 agent`. */
  readonly late: readonly string[]
  readonly next: readonly NextCommand[]
}

interface NotMerged {
  readonly type: 'not-merged'
  /** From the host's answer. */
  readonly code: string
  readonly message: string
  /** `unknown` when no answer says whether it was merged. */
  readonly target: 'untouched' | 'unknown'
  readonly next: readonly NextCommand[]
}

interface NotAccepted {
  readonly type: 'not-accepted'
  readonly code: string
  readonly message: string
  readonly next: readonly NextCommand[]
}

/** An attempt did not report its cost or tokens, which a budget counts. Reported once per unit. */
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
  /** null for a detached HEAD. */
  readonly branch: string | null
  /** The last of the commits. */
  readonly head: string
}

/** From now on each host call is a process of its own, which imports the host again. The answers are the same. */
export interface HostCold {
  readonly type: 'host-cold'
  readonly cause: ColdCause
  /** What the cause is about: a program, a file, an error, a signal. */
  readonly detail: string | null
}

export type ColdCause =
  /** `host.command` is no Python script that a package has installed. */
  | 'no-console-script'
  | 'no-package'
  /** Its code is not among the installed files of its package. */
  | 'not-in-record'
  | 'import-failed'
  /** A module changes the process when it is imported. */
  | 'side-effects'
  | 'prints'
  | 'threads'
  | 'too-slow'
  | 'helper-died'
  | 'call-died'
  /** The package was installed again, upgraded or removed. */
  | 'changed'

export function describeTrouble(event: TroubleEvent): string {
  return `warning: ${troubleWords(event)}`
}

function troubleWords(event: TroubleEvent): string {
  switch (event.type) {
    case 'not-reported':
      return `some events were not reported: ${event.reason} -> nothing else is affected; reporting continues once the cause is fixed`
    case 'notify-failed':
      return `notify.command ${event.reason} (event ${event.event}); later failures are not reported -> its output is in ${event.output}`
    case 'agent-untested':
      return `${event.agent} ${event.reason}`
    case 'request-unreadable':
      return `a request (${event.id}) was removed: ${event.reason} -> run the command again`
    case 'request-dropped': {
      const what = event.wpId === null ? event.request : `${event.request} ${event.wpId}`
      const done = event.begun ? 'may have been done only in part' : 'was not done'
      return `an earlier process of the run did not finish a request: sko ${what} ${done} -> run the command again if you still want it`
    }
    case 'requests-unreachable':
      return `sko pause, continue, retry, skip and confirm do not reach this run: ${event.reason}`
    case 'request-unanswered':
      return `a request was carried out, but its answer could not be delivered: ${event.reason}`
    case 'still-under-way':
      return `stopped without waiting any longer for ${event.late.join(', ')}`
    case 'run-failing':
      return `the run cannot continue: ${event.reason} -> running agents finish their attempt, then the run ends (Ctrl+C: at once)`
    case 'not-merged':
      return `not merged (${event.code}): ${event.message} -> ${whereTargetIs(event)}`
    case 'not-accepted':
      return `not accepted (${event.code}): ${event.message}`
    case 'usage-unknown':
      return `${event.wpId}: an attempt by ${event.agent} did not report its ${unknownOf(event.unit)}, so budget.${event.unit} cannot count it -> budget.wall_clock_seconds limits every agent`
    case 'verdict-void':
      return `${event.wpId}: the verdict does not count: ${event.reason} -> the work is reviewed again`
    case 'half-made-removed':
      return `${event.wpId}: removed the incomplete lane worktree of an interrupted claim -> nothing was lost: it held no work`
    case 'host-cold':
      return `each host call starts a process of its own, which is slower: ${coldWords(event)}`
    case 'commits-elsewhere': {
      const where = event.branch === null ? 'on no branch' : `on branch ${event.branch}`
      return `${event.wpId}: its agent left commits ${where} that do not continue ${event.laneBranch}; they are not part of the work -> the last one is ${event.head}`
    }
  }
}

function whereTargetIs({ target }: NotMerged): string {
  return target === 'untouched' ? 'the target branch is untouched' : 'whether it happened is not known'
}

function coldWords({ cause, detail }: HostCold): string {
  switch (cause) {
    case 'no-console-script':
      return `${detail} is not a Python script of an installed package`
    case 'no-package':
      return 'no installed package lists the script of the host'
    case 'not-in-record':
      return `the package of the host does not list its code (${detail})`
    case 'import-failed':
      return `it cannot be imported (${detail})`
    case 'side-effects':
      return 'importing it changes the process'
    case 'prints':
      return 'it prints when it is imported'
    case 'threads':
      return `it starts threads when it is imported (${detail})`
    case 'too-slow':
      return 'importing it does not end'
    case 'helper-died':
      return 'the process that keeps it imported ended again and again'
    case 'call-died':
      return `a call was ended by ${detail}`
    case 'changed':
      return 'its installation has changed'
  }
}
