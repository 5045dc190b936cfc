import { type AgentChoice, type AgentFact, chooseAgent } from '../agent/agent-choice.ts'
import type { Finding } from '../judgement/review.ts'
import { laneName } from '../mission/lane.ts'
import type { StepRules } from '../rules.ts'
import { raisedAgain, unresolvedFinding } from './loop-breaker.ts'
import type { Step } from './step.ts'
import { type Attempt, openAttempt, type Role, type WorkPackage } from './work-package.ts'

export interface LifecycleContext {
  readonly config: StepRules
  /** Per role in order of preference. */
  readonly agents: Readonly<Record<Role, readonly AgentFact[]>>
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Why the budget allows no new attempt of the role on this WP; null when it allows one. */
  readonly ceiling: Readonly<Record<Role, string | null>>
}

/**
 * The host's lane decides where a WP is; our record decides what is already done in that lane:
 *
 *   planned, claimed --claim--> in_progress --implement, commit, check--> (work) --submit--> for_review
 *   for_review --start-review--> in_review --review--> (judgement) --approve--> approved | done
 *                                                                   --reject--> in_progress, next cycle
 *   any of them --block--> blocked: a person is needed
 *
 * A fresh start, a resume after kill -9, a rework cycle and a retry all enter here.
 */
export function nextStep(wp: WorkPackage, context: LifecycleContext): Step {
  const { lane, record } = wp
  if (typeof lane !== 'string') {
    return needsPerson(`its lane '${laneName(lane)}' is unknown to this version of sko, which does not touch it`)
  }
  switch (lane) {
    case 'approved':
    case 'done':
    case 'canceled':
      return { kind: 'finish', end: 'complete' }
    case 'blocked':
      return needsPerson(record.halt?.reason ?? 'it is blocked, not by this run')
    case 'planned':
    case 'claimed':
      if (record.halt) return halted(wp)
      return withAgent('implementation', wp, context, agent => ({ kind: 'claim', agent }))
    case 'in_progress':
      return stepInProgress(wp, context)
    case 'for_review':
      if (record.halt) return halted(wp)
      return withAgent('review', wp, context, agent => ({ kind: 'start-review', agent }))
    case 'in_review':
      return stepInReview(wp, context)
    default:
      return lane satisfies never
  }
}

function stepInProgress(wp: WorkPackage, context: LifecycleContext): Step {
  const { record, worktree } = wp
  if (record.halt?.kind === 'left-alone') return halted(wp)
  if (!worktree) return { kind: 'resolve' }
  const open = openAttempt(record)
  if (open) return { kind: 'adopt', attempt: open }
  const attempt = uncommitted(wp)
  if (attempt) return { kind: 'commit', attempt }
  if (record.halt) return halted(wp)
  const { work } = record
  if (work?.checks === null) return { kind: 'check', work }
  if (work) return { kind: 'submit', agent: work.agent }
  return withAgent('implementation', wp, context, agent => ({ kind: 'implement', agent }))
}

function stepInReview(wp: WorkPackage, context: LifecycleContext): Step {
  const { record, worktree } = wp
  if (record.halt?.kind === 'left-alone') return halted(wp)
  if (!worktree) return { kind: 'resolve' }
  const open = openAttempt(record)
  if (open) return { kind: 'adopt', attempt: open }
  if (record.halt) return halted(wp)
  const { judgement } = record
  if (!judgement) return withAgent('review', wp, context, agent => ({ kind: 'review', agent }))
  if (judgement.verdict.verdict === 'approved') return { kind: 'approve', judgement }
  const unresolved = unresolvedFinding(raisedAgain(judgement.verdict.findings, record.earlierFindings))
  if (unresolved) {
    const reason = `the same finding stands after ${unresolved.raised - 1} reworks: ${placeOf(unresolved)}${unresolved.problem}`
    return { kind: 'block', reason, judgement }
  }
  const rejections = record.cycle - record.retriedAfterCycle
  if (rejections >= context.config.review.max_cycles) {
    const reason = `rejected ${rejections} times (review.max_cycles), last by ${judgement.reviewer}: ${judgement.verdict.summary}`
    return { kind: 'block', reason, judgement }
  }
  return { kind: 'reject', judgement }
}

/** The last implementation attempt, if it has ended (also by a crash of sko) and its changes are not committed yet. */
export function uncommitted(wp: WorkPackage): Attempt | undefined {
  return wp.record.attempts.findLast(
    attempt => attempt.role === 'implementation' && attempt.result !== null && attempt.headCommit === null,
  )
}

function placeOf({ file, line }: Finding): string {
  return file ? `${file}${line ? `:${line}` : ''}: ` : ''
}

function halted(wp: WorkPackage): Step {
  const { halt, judgement } = wp.record
  if (halt?.kind === 'blocked') return { kind: 'block', reason: halt.reason, judgement }
  return needsPerson(halt?.reason ?? 'someone else owns it')
}

function needsPerson(reason: string): Step {
  return { kind: 'finish', end: 'needs-person', reason }
}

function withAgent(
  role: Role,
  wp: WorkPackage,
  context: LifecycleContext,
  start: (agent: Extract<AgentChoice, { kind: 'start' }>['agent']) => Step,
): Step {
  const ceiling = context.ceiling[role]
  if (ceiling !== null) return { kind: 'finish', end: 'held', by: 'budget', reason: ceiling }
  const choice = chooseAgent(role, wp.record, context.agents[role], context.config, context.now)
  switch (choice.kind) {
    case 'start':
      return start(choice.agent)
    case 'wait':
      return { kind: 'wait', until: choice.until, reason: choice.reason }
    case 'held':
      return { kind: 'finish', end: 'held', by: 'limit', reason: choice.reason }
    case 'none':
      return { kind: 'block', reason: choice.reason, judgement: null }
  }
}
