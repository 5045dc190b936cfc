import type { Failure } from '../agent/failure.ts'
import type { CheckResult } from '../gate/check-result.ts'
import { howCheckEnded } from '../gate/check-result.ts'
import type { Judgement } from '../judgement/review.ts'
import { type Lane, laneName, movedByOthers } from '../mission/lane.ts'
import { strayedReason } from '../repository/strayed.ts'
import { quote } from '../text.ts'
import { raisedAgain } from './loop-breaker.ts'
import { protectedAgain, refusedAfterChecks } from './own-checks.ts'
import type { Refusal } from './refusal.ts'
import { nextCycle, sentBack } from './sent-back.ts'
import type { ActiveStep, Outcome } from './step.ts'
import type { Attempt, Halt, LaneWorktree, Work, WorkPackage, WpRecord } from './work-package.ts'

/** The WP after a step. Pure, and the only way a record changes. */
export function applyOutcome(wp: WorkPackage, step: ActiveStep, outcome: Outcome): WorkPackage {
  const after = afterOutcome(wp, step, outcome)
  const { halt } = after.record
  if (halt === wp.record.halt || halt?.kind !== 'blocked' || after.lane === 'blocked') return after
  // Before a claim nothing was begun, and what the host lacked for it may be there later.
  if (step.kind === 'claim' || typeof after.lane !== 'string') return after
  return { ...after, record: { ...after.record, halt: { ...halt, pendingIn: after.lane } } }
}

function afterOutcome(wp: WorkPackage, step: ActiveStep, outcome: Outcome): WorkPackage {
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

/** Adds the attempt, or replaces its earlier version. */
export function withAttempt(record: WpRecord, attempt: Attempt): WpRecord {
  const others = record.attempts.filter(other => other.number !== attempt.number)
  return { ...record, attempts: [...others, attempt] }
}

function afterAttempt(record: WpRecord, attempt: Attempt, judgement: Judgement | null): WpRecord {
  const next = withAttempt(record, attempt)
  return attempt.role === 'review' ? { ...next, judgement } : next
}

type Committed = Extract<Outcome, { kind: 'committed' }>

/** Work is what was committed since this cycle began. A success without a change is no work. */
function afterCommit(record: WpRecord, attempt: Attempt, { head, tree, changed }: Committed): WpRecord {
  const base = record.cycleBase ?? attempt.baseCommit
  const committed = { ...attempt, headCommit: head }
  if (attempt.result?.kind !== 'succeeded') return withAttempt(record, committed)
  const failedWithoutChange = (detail: string) =>
    withAttempt(record, { ...committed, result: { kind: 'failed', failure: { class: 'no-change', detail } } })
  if (!changed) return failedWithoutChange(`it reported success but changed nothing${strayedReason(attempt.strayed)}`)
  const refused = record.refusedTrees.find(other => other.tree === tree)
  if (refused) {
    const by = refused.by === 'review' ? 'the review' : 'the checks'
    const reason = `its implementation is byte for byte the one that ${by} of cycle ${refused.cycle} rejected`
    return { ...failedWithoutChange(reason), halt: { kind: 'blocked', reason } }
  }
  const work = { agent: attempt.agent, baseCommit: record.wpBase ?? base, headCommit: head, tree, checks: null }
  return { ...withAttempt(record, committed), work, feedback: null }
}

/** A failing check rejects the work like a finding, without a review. The attempt counts as failed. */
function afterChecks(record: WpRecord, work: Work, results: readonly CheckResult[]): WpRecord {
  const failing = results.filter(result => result.exitCode !== 0)
  if (failing.length === 0) return { ...record, work: { ...work, checks: results } }
  const detail = quote(failing.map(result => `${result.command}: ${howCheckEnded(result)}`).join('; '))
  const reason = protectedAgain(record, detail)
  return {
    ...withFailedWork(record, { class: 'checks-failed', detail }),
    halt: reason === null ? record.halt : { kind: 'blocked', reason },
    work: null,
    feedback: { kind: 'checks', results: failing },
    refusedTrees: refusedAfterChecks(record, work, failing),
  }
}

/** Marks the attempt that made the work as failed. */
function withFailedWork(record: WpRecord, failure: Failure): WpRecord {
  const made = record.attempts.findLast(({ role, result }) => role === 'implementation' && result?.kind === 'succeeded')
  return made ? withAttempt(record, { ...made, result: { kind: 'failed', failure } }) : record
}

/** A void verdict counts like a review without one; otherwise a permanent cause would repeat the review forever. */
function afterVoid(record: WpRecord, reason: string): WpRecord {
  const last = record.attempts.findLast(attempt => attempt.role === 'review')
  const voided = { ...record, judgement: null }
  if (last?.result?.kind !== 'succeeded') return voided
  const failure: Failure = { class: 'no-verdict', detail: reason }
  return withAttempt(voided, { ...last, result: { kind: 'failed', failure } })
}

/**
 * The lanes to which each step leads. If the WP is there after a refusal, our earlier call moved it and only the reply was
 * lost. The host says "already claimed" only to clients that did not claim the WP.
 */
const targets: Partial<Record<ActiveStep['kind'], readonly Lane[]>> = {
  claim: ['claimed', 'in_progress'],
  submit: ['for_review'],
  'start-review': ['in_review'],
  approve: ['approved', 'done'],
  reject: ['in_progress'],
  block: ['blocked'],
}

/** Someone else moved it while we worked on it: we leave it to them until the next `sko resume`. */
function takenAway(wp: WorkPackage, to: Lane): WorkPackage {
  const halt: Halt = { kind: 'left-alone', reason: movedByOthers(wp.lane, to) }
  return { ...wp, lane: to, record: { ...wp.record, halt } }
}

/** We moved the WP now, or before and lost the reply. */
function afterMove(wp: WorkPackage, step: ActiveStep, to: Lane): WorkPackage {
  const moved = enterLane({ ...wp, lane: to })
  if (to === 'blocked' && step.kind === 'block') {
    const halt: Halt = { kind: 'blocked', reason: step.reason }
    return { ...moved, record: { ...moved.record, halt } }
  }
  return moved
}

/**
 * Makes the record agree with the lane that the host reports. Takes over a rejection that the host has but that we did not
 * save before we died. Drops a halt when the WP is no longer in the lane it was for: a decision to block it stays until the
 * host has carried it out or someone has moved the WP.
 */
export function enterLane(wp: WorkPackage): WorkPackage {
  const { record, lane } = wp
  if (lane === 'in_progress' && (record.judgement || record.confirmed)) {
    const rejected = record.judgement?.verdict.verdict === 'changes_requested'
    return { ...wp, record: rejected ? afterRejection(record, record.judgement) : sentBack(record) }
  }
  const { halt } = record
  if (lane === 'blocked' || halt === null || halt.pendingIn === lane) return wp
  return { ...wp, record: { ...record, halt: null } }
}

function afterRejection(record: WpRecord, { verdict, reviewer, commit, followUps = [] }: Judgement): WpRecord {
  const optional = followUps.length > 0 ? { followUps } : {}
  return {
    ...nextCycle(record),
    hostRefusals: [],
    feedback: { kind: 'findings', reviewer, summary: verdict.summary, findings: verdict.findings, ...optional },
    earlierFindings: raisedAgain(verdict.findings, record.earlierFindings),
    lastReviewed: commit,
    refusedTrees: record.work
      ? [...record.refusedTrees, { tree: record.work.tree, cycle: record.cycle, by: 'review' }]
      : record.refusedTrees,
  }
}

/** After this many refusals of one cycle's work, each for another reason, a person is asked. */
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
