import type { CheckResult } from '../gate/check-result.ts'
import type { AgentId, LaneId, WpId } from '../ids.ts'
import type { Finding, Judgement } from '../judgement/review.ts'
import type { Lane } from '../mission/lane.ts'
import { quote } from '../text.ts'
import type { Refusal } from '../work-package/refusal.ts'
import type { FinishStep, HeldBy, Outcome, Step } from '../work-package/step.ts'
import type { Attempt, AttemptResult, Halt, RefusedTree, WpRecord } from '../work-package/work-package.ts'

/** The parts of a WP's record that decisions depend on. The rest, such as what agents said, is in the state file. */
export interface RecordedWp {
  readonly wpId: WpId
  readonly cycle: number
  readonly attempts: readonly RecordedAttempt[]
  readonly work: { readonly agent: AgentId; readonly tree: string; readonly checked: boolean } | null
  readonly judgement: RecordedJudgement | null
  readonly confirmed: boolean
  readonly earlierFindings: readonly (RecordedFinding & { readonly raised: number })[]
  readonly refusedTrees: readonly RefusedTree[]
  readonly hostRefusals: readonly string[]
  readonly retriedAfterAttempt: number
  readonly retriedAfterCycle: number
  readonly retriedAt: string | null
  readonly halt: RecordedHalt | null
}

type RecordedHalt = Omit<Halt, 'cure'>

export interface RecordedAttempt
  extends Pick<Attempt, 'number' | 'role' | 'cycle' | 'agent' | 'baseCommit' | 'endedAt' | 'headCommit'> {
  readonly result: AttemptResult | null
}

export interface RecordedJudgement {
  readonly verdict: Judgement['verdict']['verdict']
  readonly reviewer: AgentId
  readonly findings: readonly RecordedFinding[]
  /** What the reviewer answered, if it counts as the other; absent: the same. */
  readonly given?: Judgement['verdict']['verdict']
  /** How many; absent: none. */
  readonly followUps?: number
  readonly notBelieved?: number
}

export type RecordedFinding = Pick<Finding, 'file' | 'problem'>

/** All fields of all kinds of steps that say what was chosen; `reason` is for people only. */
export interface RecordedStep {
  readonly kind: Step['kind']
  readonly agent: AgentId | null
  /** Number of the attempt that is adopted or committed. */
  readonly attempt: number | null
  readonly until: number | null
  readonly end: FinishStep['end'] | null
  readonly by: HeldBy | null
  readonly reason: string | null
}

export type RecordedOutcome =
  | { readonly kind: 'claimed' | 'resolved'; readonly laneId: LaneId }
  | {
      readonly kind: 'attempt-ended'
      readonly attempt: RecordedAttempt
      readonly judgement: RecordedJudgement | null
    }
  | { readonly kind: 'committed'; readonly head: string; readonly tree: string; readonly changed: boolean }
  | { readonly kind: 'checked'; readonly results: readonly RecordedCheck[] }
  | { readonly kind: 'moved'; readonly to: Lane }
  | { readonly kind: 'verdict-void' | 'unanswered'; readonly reason: string }
  | { readonly kind: 'halted'; readonly halt: RecordedHalt }
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'worktree-in-use'; readonly by: WpId; readonly laneId: LaneId; readonly lane: Lane }
  | { readonly kind: 'interrupted' }

export interface RecordedCheck extends Pick<CheckResult, 'command' | 'exitCode'> {
  readonly stopped: string | null
  readonly reason: string | null
}

export function recordedWp(record: WpRecord): RecordedWp {
  const { wpId, cycle, work, judgement, confirmed, halt, retriedAfterAttempt, retriedAfterCycle, retriedAt } = record
  return {
    wpId,
    cycle,
    attempts: record.attempts.map(recordedAttempt),
    work: work && { agent: work.agent, tree: shortId(work.tree), checked: work.checks !== null },
    judgement: judgement && recordedJudgement(judgement),
    confirmed: confirmed !== null,
    earlierFindings: record.earlierFindings.map(finding => ({ ...recordedFinding(finding), raised: finding.raised })),
    refusedTrees: record.refusedTrees.map(refused => ({ ...refused, tree: shortId(refused.tree) })),
    hostRefusals: record.hostRefusals.map(refusal => brief(refusal)),
    retriedAfterAttempt,
    retriedAfterCycle,
    retriedAt,
    halt: halt && recordedHalt(halt),
  }
}

export function recordedStep(step: Step): RecordedStep {
  return {
    kind: step.kind,
    agent: 'agent' in step ? step.agent : null,
    attempt: 'attempt' in step ? step.attempt.number : null,
    until: 'until' in step ? step.until : null,
    end: 'end' in step ? step.end : null,
    by: 'by' in step ? step.by : null,
    reason: 'reason' in step ? brief(step.reason) : null,
  }
}

export function recordedOutcome(outcome: Outcome): RecordedOutcome {
  switch (outcome.kind) {
    case 'claimed':
    case 'resolved':
      return { kind: outcome.kind, laneId: outcome.worktree.laneId }
    case 'attempt-ended': {
      const { kind, attempt, judgement } = outcome
      return { kind, attempt: recordedAttempt(attempt), judgement: judgement && recordedJudgement(judgement) }
    }
    case 'committed':
      return { ...outcome, head: shortId(outcome.head), tree: shortId(outcome.tree) }
    case 'checked':
      return { kind: 'checked', results: outcome.results.map(recordedCheck) }
    case 'halted':
      return { kind: 'halted', halt: recordedHalt(outcome.halt) }
    case 'verdict-void':
    case 'unanswered':
      return { kind: outcome.kind, reason: brief(outcome.reason) }
    case 'refused':
      return { ...outcome, code: brief(outcome.code), message: brief(outcome.message) }
    case 'worktree-in-use':
      return { kind: 'worktree-in-use', by: outcome.by, laneId: outcome.worktree.laneId, lane: outcome.lane }
    case 'moved':
    case 'interrupted':
      return outcome
  }
}

function recordedAttempt(attempt: Attempt): RecordedAttempt {
  const { number, role, cycle, agent, endedAt, result } = attempt
  const baseCommit = shortId(attempt.baseCommit)
  const headCommit = attempt.headCommit && shortId(attempt.headCommit)
  return { number, role, cycle, agent, endedAt, baseCommit, headCommit, result: result && recordedResult(result) }
}

function recordedResult(result: AttemptResult): AttemptResult {
  if (result.kind !== 'failed') return result
  const { class: name, detail } = result.failure
  return { kind: 'failed', failure: { class: name, detail: brief(detail) } }
}

function recordedJudgement({ verdict, reviewer, given, followUps, notBelieved }: Judgement): RecordedJudgement {
  return {
    verdict: verdict.verdict,
    reviewer,
    findings: verdict.findings.map(recordedFinding),
    ...(given ? { given } : {}),
    ...(followUps ? { followUps: followUps.length } : {}),
    ...(notBelieved ? { notBelieved: notBelieved.length } : {}),
  }
}

function recordedFinding({ file, problem }: RecordedFinding): RecordedFinding {
  return { file, problem: brief(problem, 100) }
}

function recordedCheck({ command, exitCode, stopped, reason }: CheckResult): RecordedCheck {
  const why = reason === undefined ? null : brief(reason)
  return { command: brief(command), exitCode, stopped: stopped ?? null, reason: why }
}

function recordedHalt({ cure: _, ...halt }: Halt): RecordedHalt {
  return { ...halt, reason: brief(halt.reason) }
}

/** Of a commit or a tree; they are only compared. */
function shortId(id: string): string {
  return /^[0-9a-f]{40,64}$/.test(id) ? id.slice(0, 12) : id
}

/**
 * Its beginning, redacted, and where that is not all a mark that two texts share only when they are the same. The mark is
 * of letters, because texts are compared without their digits and signs.
 */
export function brief(text: string, most = 300): string {
  return text.length <= most ? quote(text, most) : `${quote(text, most)}${fingerprint(text)}`
}

/** FNV-1a over what is left without digits, signs and capitals. */
function fingerprint(text: string): string {
  const letters = text.toLowerCase().replace(/[^\p{L}]+/gu, ' ')
  let hash = 0x811c9dc5
  for (let index = 0; index < letters.length; index += 1) {
    hash = Math.imul(hash ^ letters.charCodeAt(index), 0x01000193) >>> 0
  }
  return hash.toString(26).replace(/\d/g, digit => 'qrstuvwxyz'[Number(digit)] ?? digit)
}
