import type { Obstacle } from '../../core/explain/entry.ts'
import type { Explained, ExplainedDifference, ExplainedStep, Happened } from '../../core/explain/explain.ts'
import type { PassedOver } from '../../core/explain/passed-over.ts'
import type { RecordedAttempt, RecordedJudgement, RecordedOutcome, RecordedStep } from '../../core/explain/recorded.ts'
import type { WhyWaits } from '../../core/explain/why-waits.ts'
import { howCheckEnded } from '../../core/gate/check-result.ts'
import type { WpId } from '../../core/ids.ts'
import { type Lane, laneName } from '../../core/mission/lane.ts'
import type { Schedule } from '../../core/mission/schedule.ts'

/** One line, and more below it where there is more to tell. Without the time. */
export function explanationOf(explained: Explained): readonly string[] {
  switch (explained.kind) {
    case 'process':
      return [
        `a process of the run begins: ${explained.workPackages} WPs, at most ${explained.maxConcurrentWps} at once`,
      ]
    case 'waits': {
      const { wpId, lane, why, until } = explained
      const end = until === null ? '' : ` [until ${timeOf(until)}]`
      return [`${wpId} (${laneName(lane)}) ${waitOf(why)}${end}`]
    }
    case 'starts': {
      const { wpId, lane, after, beside } = explained
      const needs = after.length > 0 ? ` after ${namesOf(after)}` : ''
      const others = beside.length > 0 ? ` beside ${beside.join(', ')}` : ''
      return [`${wpId} (${laneName(lane)}) starts${needs}${others}`]
    }
    case 'step':
      return stepLines(explained)
    case 'released': {
      const why = explained.reason ?? 'the run is stopping, or nothing may begin'
      return [`${explained.wpId} is not driven any more: ${why}`]
    }
    case 'event':
      return [eventOf(explained.event)]
    case 'differs':
      return [`DIFFERS ${differenceOf(explained)}`]
    case 'lost':
      return ['the rest of what this process decided could not be recorded']
  }
}

/** `2026-11-30 04:12:07`, in UTC. */
export function timeOf(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}

function stepLines({ wpId, lane, cycle, step, passedOver, outcome }: ExplainedStep): readonly string[] {
  const came = outcome === null ? '' : ` -> ${outcomeOf(outcome)}`
  const line = `${wpId} (${laneName(lane)}, cycle ${cycle}) chooses: ${stepOf(step)}${came}`
  return [line, ...passedOver.map(({ agent, why }) => `  not ${agent}: ${whyNot(why)}`)]
}

function waitOf(why: WhyWaits): string {
  switch (why.kind) {
    case 'not-selected':
      return 'is left out by --wp'
    case 'closed':
      return `does not begin: ${why.reason}`
    case 'time':
      return `waits for ${timeOf(why.until)}: ${why.reason}`
    case 'dependencies':
      return `waits for ${namesOf(why.on)}`
    case 'lane':
      return 'is left as it is: nothing begins in this lane'
    case 'slots':
      return `waits for a free slot: taken by ${why.taken.join(', ')}`
    case 'worktree':
      return `waits for its lane worktree ${why.laneId}, which ${why.by} uses`
    case 'worktrees-unknown':
      return `waits until the host names the lane worktrees of ${why.of.join(', ')}`
    case 'obstacle':
      return `waits: ${obstacleOf(why.because)}`
  }
}

function obstacleOf(obstacle: Obstacle): string {
  switch (obstacle.kind) {
    case 'mission-unclear':
      return obstacle.reason
    case 'paused':
      return 'the run is paused'
    case 'stopping':
      return 'the run is stopping'
    case 'draining':
      return 'the run only finishes what runs'
    case 'failing':
      return 'the run ends because of a failure'
    case 'only-lasting-trouble':
      return 'all that could begin has failed for longer than host.patience_seconds'
  }
}

function stepOf({ kind, agent, attempt, until, end, by, reason }: RecordedStep): string {
  switch (kind) {
    case 'adopt':
      return `adopt attempt ${attempt}`
    case 'commit':
      return `commit what attempt ${attempt} left`
    case 'block':
      return `block: ${reason}`
    case 'wait':
      return `wait for ${timeOf(until ?? 0)}: ${reason}`
    case 'finish':
      if (end === 'complete') return 'finish: nothing is left to do'
      return end === 'held' ? `hold, by ${by}: ${reason}` : `leave it to a person: ${reason}`
    default:
      return agent === null ? kind : `${kind} by ${agent}`
  }
}

function outcomeOf(outcome: RecordedOutcome): string {
  switch (outcome.kind) {
    case 'claimed':
    case 'resolved':
      return `lane worktree ${outcome.laneId}`
    case 'attempt-ended':
      return attemptOf(outcome.attempt, outcome.judgement)
    case 'committed':
      return outcome.changed ? 'the branch has changed' : 'nothing has changed'
    case 'checked': {
      const failed = outcome.results.filter(({ exitCode }) => exitCode !== 0)
      const how = ({ stopped, reason, ...check }: (typeof failed)[number]) =>
        howCheckEnded({ ...check, ...(stopped === null ? {} : { stopped }), ...(reason === null ? {} : { reason }) })
      return failed.length === 0 ? 'passed' : failed.map(check => `${check.command}: ${how(check)}`).join('; ')
    }
    case 'moved':
      return laneName(outcome.to)
    case 'verdict-void':
      return `the verdict does not count: ${outcome.reason}`
    case 'unanswered':
      return `not possible now: ${outcome.reason}`
    case 'halted':
      return outcome.halt.reason
    case 'refused':
      return `refused by the host (${outcome.code}): ${outcome.message}`
    case 'worktree-in-use':
      return `${outcome.by} uses its lane worktree ${outcome.laneId}`
    case 'interrupted':
      return 'interrupted'
  }
}

function attemptOf({ number, result }: RecordedAttempt, judgement: RecordedJudgement | null): string {
  if (result?.kind === 'failed') return `attempt ${number} failed: ${result.failure.class}: ${result.failure.detail}`
  if (judgement === null) return `attempt ${number} ${result?.kind ?? 'did not end'}`
  const { verdict, given = verdict, findings, followUps = 0, notBelieved = 0 } = judgement
  return [
    `attempt ${number}: ${given}`,
    ...(given === verdict ? [] : ['counted as approved because nothing in it blocks']),
    counted(findings.length, 'finding'),
    ...(followUps === 0 ? [] : [counted(followUps, 'follow-up')]),
    ...(notBelieved === 0 ? [] : [`${counted(notBelieved, 'finding')} without an existing place not believed`]),
  ].join(', ')
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function whyNot(why: PassedOver['why']): string {
  switch (why.kind) {
    case 'out':
      return why.reason
    case 'cooling':
      return `cools down until ${timeOf(why.until)} (${why.reason})`
    case 'implementer':
      return 'it made the work (review.reviewer)'
    case 'retries-used':
      return 'its retries in this cycle are used'
    case 'repeats-itself':
      return 'it has failed twice in the same way'
    case 'not-in-turn':
      return 'agents.fallback_strategy lets one agent take the role'
  }
}

function eventOf(event: Happened): string {
  switch (event.type) {
    case 'paused':
      return 'a person pauses the run'
    case 'continued':
      return 'a person lets the run continue'
    case 'clock-set-back':
      return 'the clock was set back: waits for a time end'
    case 'taken-away':
      return `${event.wpId} was moved by someone else, ${laneName(event.from)} to ${laneName(event.to)}: it is left to them`
    case 'decided':
      return `${event.record.wpId} is now ${laneName(event.lane)}, as a person asked`
    case 'skip-began':
      return `a person skips ${event.wpId}`
    case 'skip-failed':
      return `${event.wpId} could not be skipped`
  }
}

function differenceOf(difference: ExplainedDifference): string {
  const of = difference.wpIds.join(', ')
  switch (difference.what) {
    case 'schedule':
      return `${of}: it chose ${scheduleOf(difference.chosen)}; this version chooses ${scheduleOf(difference.today)}`
    case 'step':
      return `${of}: it chose ${stepOf(difference.chosen)}; this version chooses ${stepOf(difference.today)}`
    case 'outcome':
      return `${of}: it chose ${stepOf(difference.chosen)}; by the rules of this version that is not possible here`
    case 'taken-away':
      return `${of}: it left ${listOf(difference.chosen)} to others; this version leaves ${listOf(difference.today)}`
  }
}

function scheduleOf({ start, resolve }: Schedule): string {
  const asks = resolve.length > 0 ? [`to ask for the lane worktrees of ${listOf(resolve)}`] : []
  const starts = start.length > 0 || asks.length === 0 ? [`to start ${listOf(start)}`] : []
  return [...starts, ...asks].join(' and ')
}

function namesOf(wps: readonly { readonly wpId: WpId; readonly lane: Lane; readonly unvouched?: boolean }[]): string {
  return wps
    .map(({ wpId, lane, unvouched }) => `${wpId} (${laneName(lane)}${unvouched ? ', not confirmed' : ''})`)
    .join(', ')
}

function listOf(wpIds: readonly WpId[]): string {
  return wpIds.join(', ') || 'none'
}
