import type { CheckResult } from '../gate/check-result.ts'
import type { LaneId } from '../ids.ts'
import type { Finding, Judgement } from '../judgement/review.ts'
import type { ActiveStep, Outcome } from '../work-package/step.ts'
import {
  type Attempt,
  type LaneWorktree,
  newRecord,
  type WorkPackage,
  type WpRecord,
} from '../work-package/work-package.ts'
import type {
  RecordedAttempt,
  RecordedCheck,
  RecordedFinding,
  RecordedJudgement,
  RecordedOutcome,
  RecordedStep,
  RecordedWp,
} from './recorded.ts'

/** A record as decisions need it. What no decision depends on is empty. */
export function restoredWp(wp: RecordedWp): WpRecord {
  const { work, judgement, confirmed, ...same } = wp
  return {
    ...newRecord(wp.wpId),
    ...same,
    attempts: wp.attempts.map(restoredAttempt),
    work: work && { ...work, baseCommit: '', headCommit: '', checks: work.checked ? [] : null },
    judgement: judgement && restoredJudgement(judgement),
    confirmed: confirmed ? { commit: '', at: '', reason: null } : null,
    earlierFindings: wp.earlierFindings.map(finding => ({ ...restoredFinding(finding), raised: finding.raised })),
  }
}

export function restoredOutcome(outcome: RecordedOutcome, { record }: WorkPackage): Outcome {
  switch (outcome.kind) {
    case 'claimed':
    case 'resolved':
      return { kind: outcome.kind, worktree: worktreeOf(outcome.laneId) }
    case 'attempt-ended': {
      const judgement = outcome.judgement && restoredJudgement(outcome.judgement)
      return { kind: 'attempt-ended', begun: record, attempt: restoredAttempt(outcome.attempt), judgement }
    }
    case 'checked':
      return { kind: 'checked', results: outcome.results.map(restoredCheck) }
    case 'worktree-in-use':
      return { ...outcome, worktree: worktreeOf(outcome.laneId) }
    default:
      return outcome
  }
}

/** null: the record of the WP has nothing that this step could be about, so it is not as it was then. */
export function restoredStep(step: RecordedStep, { record }: WorkPackage): ActiveStep | null {
  const { kind, agent } = step
  const { work, judgement } = record
  switch (kind) {
    case 'claim':
    case 'implement':
    case 'submit':
    case 'start-review':
    case 'review':
      return agent && { kind, agent }
    case 'adopt':
    case 'commit': {
      const attempt = record.attempts.find(({ number }) => number === step.attempt)
      return attempt ? { kind, attempt } : null
    }
    case 'check':
      return work && { kind, work }
    case 'approve':
    case 'reject':
      return judgement && { kind, judgement }
    case 'block':
      return { kind, reason: step.reason ?? '', judgement }
    case 'resolve':
      return { kind }
    case 'wait':
    case 'finish':
      return null
  }
}

export function worktreeOf(laneId: LaneId): LaneWorktree {
  return { path: '', promptPath: '', laneId, branch: '', baseRef: null }
}

function restoredAttempt(attempt: RecordedAttempt): Attempt {
  const unknown = { startedAt: '', process: null, usage: null, lastWords: null, sessionId: null, resumedSession: null }
  return { ...unknown, ...attempt }
}

function restoredJudgement({ verdict, reviewer, findings }: RecordedJudgement): Judgement {
  const said = { verdict, summary: '', findings: findings.map(restoredFinding), checks: [] }
  return { verdict: said, reviewer, reference: '', commit: '', shown: [] }
}

function restoredFinding({ file, problem }: RecordedFinding): Finding {
  return { severity: 'medium', file, line: null, problem, change: null }
}

function restoredCheck({ command, exitCode, stopped, reason }: RecordedCheck): CheckResult {
  const why = { ...(stopped === null ? {} : { stopped }), ...(reason === null ? {} : { reason }) }
  return { command, exitCode, output: '', log: null, ...why }
}
