import type { Failure } from '../agent/failure.ts'
import type { Judgement } from '../judgement/review.ts'
import { type Lane, laneName, movedByOthers } from '../mission/lane.ts'
import { strayedReason } from '../repository/strayed.ts'
import { quote } from '../text.ts'
import { raisedAgain } from './loop-breaker.ts'
import { refusedAfterChecks } from './own-checks.ts'
import type { Refusal } from './refusal.ts'
import type { ActiveStep, Outcome } from './step.ts'
import type { Attempt, CheckResult, Halt, LaneWorktree, Work, WorkPackage, WpRecord } from './work-package.ts'
import { howCheckEnded } from './work-package.ts'

/** What is known after a step: pure, and the only way a record changes. */
export function applyOutcome(wp: WorkPackage, step: ActiveStep, outcome: Outcome): WorkPackage {
  const { record } = wp
  switch (outcome.kind) {
    case 'interrupted':
    case 'unanswered':
      return wp
    case 'claimed':
      return { ...afterClaim(wp, outcome.worktree), worktree: outcome.worktree }
    case 'worktree-in-use':
      return step.kind === 'claim' && outcome.lane === 'in_progress' ? afterClaim(wp, outcome.worktree) : wp
    case 'resolved':
      return { ...wp, worktree: outcome.worktree, record: { ...record, laneBranch: outcome.worktree.branch } }
    case 'attempt-ended':
      return { ...wp, record: afterAttempt(outcome.begun, outcome.attempt, outcome.judgement) }
    case 'committed':
      return step.kind === 'commit' ? { ...wp, record: afterCommit(record, step.attempt, outcome) } : wp
    case 'checked':
      return step.kind === 'check' ? { ...wp, record: afterChecks(record, step.work, outcome.results) } : wp
    case 'verdict-void':
      return { ...wp, record: afterVoid(record, outcome.reason) }
    case 'halted':
      return { ...wp, record: { ...record, halt: outcome.halt } }
    case 'moved':
      return afterMove(wp, step, outcome.to)
    case 'refused':
      if (laneName(outcome.lane) !== laneName(wp.lane)) {
        const ours = targets[step.kind]?.includes(outcome.lane) && outcome.reason !== 'claimed-by-others'
        return ours ? afterMove(wp, step, outcome.lane) : takenAway(wp, outcome.lane)
      }
      return { ...wp, record: afterRefusal(record, step, outcome) }
  }
}

function afterClaim(wp: WorkPackage, { branch }: LaneWorktree): WorkPackage {
  const record = { ...wp.record, work: null, judgement: null, hostRefusals: [], laneBranch: branch }
  return { ...wp, lane: 'in_progress', record }
}

/** The record that is on disk before the agent's process exists. */
export function beginAttempt(record: WpRecord, attempt: Attempt, wpBase: string | null): WpRecord {
  const next = withAttempt(record, attempt)
  if (attempt.role === 'review') return { ...next, wpBase: record.wpBase ?? wpBase }
  return {
    ...next,
    cycleBase: record.cycleBase ?? attempt.baseCommit,
    wpBase: record.wpBase ?? wpBase ?? attempt.baseCommit,
  }
}

/** Adds the attempt, or replaces it by its later self. */
export function withAttempt(record: WpRecord, attempt: Attempt): WpRecord {
  const others = record.attempts.filter(other => other.number !== attempt.number)
  return { ...record, attempts: [...others, attempt] }
}

function afterAttempt(record: WpRecord, attempt: Attempt, judgement: Judgement | null): WpRecord {
  const next = withAttempt(record, attempt)
  return attempt.role === 'review' ? { ...next, judgement } : next
}

type Committed = Extract<Outcome, { kind: 'committed' }>

/** Work is what lies beyond the commit at which this cycle began; a success that changed nothing is none. */
function afterCommit(record: WpRecord, attempt: Attempt, { head, tree, changed }: Committed): WpRecord {
  const base = record.cycleBase ?? attempt.baseCommit
  const committed = { ...attempt, headCommit: head }
  if (attempt.result?.kind !== 'succeeded') return withAttempt(record, committed)
  const void_ = (detail: string) =>
    withAttempt(record, { ...committed, result: { kind: 'failed', failure: { class: 'no-change', detail } } })
  if (!changed) return void_(`it reported success but changed nothing${strayedReason(attempt.strayed)}`)
  const refused = record.refusedTrees.find(other => other.tree === tree)
  if (refused) {
    const by = refused.by === 'review' ? 'the review' : 'the checks'
    const reason = `its implementation is byte for byte the one that ${by} of cycle ${refused.cycle} rejected`
    return { ...void_(reason), halt: { kind: 'blocked', reason } }
  }
  const work = { agent: attempt.agent, baseCommit: record.wpBase ?? base, headCommit: head, tree, checks: null }
  return { ...withAttempt(record, committed), work, feedback: null }
}

/** A failing check sends the work back like a finding, without a review; its attempt counts as a failed one. */
function afterChecks(record: WpRecord, work: Work, results: readonly CheckResult[]): WpRecord {
  const failing = results.filter(result => result.exitCode !== 0)
  if (failing.length === 0) return { ...record, work: { ...work, checks: results } }
  const detail = failing.map(result => `${result.command}: ${howCheckEnded(result)}`)
  return {
    ...withFailedWork(record, { class: 'checks-failed', detail: quote(detail.join('; ')) }),
    work: null,
    feedback: { kind: 'checks', results: failing },
    refusedTrees: refusedAfterChecks(record, work, failing),
  }
}

/** The attempt that made the work, and everybody believed in, failed after all. */
function withFailedWork(record: WpRecord, failure: Failure): WpRecord {
  const made = record.attempts.findLast(({ role, result }) => role === 'implementation' && result?.kind === 'succeeded')
  return made ? withAttempt(record, { ...made, result: { kind: 'failed', failure } }) : record
}

/** A verdict that came to nothing counts like a review without one: what voids it each time would be asked for ever. */
function afterVoid(record: WpRecord, reason: string): WpRecord {
  const last = record.attempts.findLast(attempt => attempt.role === 'review')
  const voided = { ...record, judgement: null }
  if (last?.result?.kind !== 'succeeded') return voided
  const failure: Failure = { class: 'no-verdict', detail: reason }
  return withAttempt(voided, { ...last, result: { kind: 'failed', failure } })
}

/**
 * Where each step leads: found there after a refusal, the WP was moved by us, and only the reply was lost. The host calls
 * a WP already claimed only to those who did not claim it.
 */
const targets: Partial<Record<ActiveStep['kind'], readonly Lane[]>> = {
  claim: ['claimed', 'in_progress'],
  submit: ['for_review'],
  'start-review': ['in_review'],
  approve: ['approved', 'done'],
  reject: ['in_progress'],
  block: ['blocked'],
}

/** Somebody else moved it while we were at work: it is theirs until the next `sko resume`. */
function takenAway(wp: WorkPackage, to: Lane): WorkPackage {
  const halt: Halt = { kind: 'left-alone', reason: movedByOthers(wp.lane, to) }
  return { ...wp, lane: to, record: { ...wp.record, halt } }
}

/** We moved the WP, or had moved it and lost the reply. */
function afterMove(wp: WorkPackage, step: ActiveStep, to: Lane): WorkPackage {
  const moved = enterLane({ ...wp, lane: to })
  if (to === 'blocked' && step.kind === 'block') {
    const halt: Halt = { kind: 'blocked', reason: step.reason }
    return { ...moved, record: { ...moved.record, halt } }
  }
  return moved
}

/**
 * Makes the record agree with the lane the host reports: a rejection that the host has is taken over although we died
 * before we could write it down, and a halt of an earlier time does not outlive the lane it was for.
 */
export function enterLane(wp: WorkPackage): WorkPackage {
  const { record, lane } = wp
  if (lane === 'in_progress' && (record.judgement || record.confirmed)) {
    const rejected = record.judgement?.verdict.verdict === 'changes_requested'
    return { ...wp, record: rejected ? afterRejection(record, record.judgement) : sentBack(record) }
  }
  if (lane !== 'blocked' && record.halt) return { ...wp, record: { ...record, halt: null } }
  return wp
}

function afterRejection(record: WpRecord, { verdict, reviewer }: Judgement): WpRecord {
  return {
    ...record,
    cycle: record.cycle + 1,
    cycleBase: null,
    work: null,
    judgement: null,
    halt: null,
    hostRefusals: [],
    feedback: { kind: 'findings', reviewer, summary: verdict.summary, findings: verdict.findings },
    earlierFindings: raisedAgain(verdict.findings, record.earlierFindings),
    refusedTrees: record.work
      ? [...record.refusedTrees, { tree: record.work.tree, cycle: record.cycle, by: 'review' }]
      : record.refusedTrees,
  }
}

/** Somebody took an approved WP back to work: the approval is void, and what is to change only they know. */
function sentBack(record: WpRecord): WpRecord {
  return {
    ...record,
    cycle: record.cycle + 1,
    cycleBase: null,
    work: null,
    judgement: null,
    confirmed: null,
    halt: null,
  }
}

/** Refusals of one cycle's work, each for another reason, after which a person is asked. */
const mostRefusals = 3

function afterRefusal(record: WpRecord, step: ActiveStep, { reason: refusal, code, message }: Refusal): WpRecord {
  const halt = (kind: Halt['kind'], reason: string): WpRecord => ({ ...record, halt: { kind, reason } })
  if (refusal === 'claimed-by-others') return halt('left-alone', `the host says: ${message}`)
  if (step.kind === 'submit' && refusal === 'move-rejected') {
    if (record.hostRefusals.includes(message)) {
      return halt('blocked', `the host refused the work twice for the same reason: ${message}`)
    }
    if (record.hostRefusals.length + 1 >= mostRefusals) {
      return halt('blocked', `the host refused the work ${mostRefusals} times, last: ${message}`)
    }
    return {
      ...withFailedWork(record, { class: 'host-rejected', detail: quote(message) }),
      work: null,
      feedback: { kind: 'host-refusal', message },
      hostRefusals: [...record.hostRefusals, message],
    }
  }
  if (step.kind === 'claim' && refusal === 'no-lane-worktree') {
    return halt('blocked', `the host could not make its lane worktree: ${message}`)
  }
  const why = step.kind === 'block' ? `${step.reason}; ` : ''
  return halt('left-alone', `${why}the host refused '${step.kind}' (${code}): ${message}`)
}
