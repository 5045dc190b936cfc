import { z } from 'zod'
import { type CooldownKey, isCooldownKey } from '../core/agent/cooldown.ts'
import { isWpId, type WpId } from '../core/ids.ts'
import type { EarlierStatement, Finding, RaisedFinding, Verdict } from '../core/judgement/review.ts'
import type { FinishProgress, RunStart } from '../core/mission/finish-progress.ts'
import { lanes } from '../core/mission/lane.ts'
import type { NextCommand } from '../core/next-command.ts'
import type { Confirmation, WpRecord } from '../core/work-package/work-package.ts'
import { storedNext } from '../run/events/stored-next.ts'
import type { Cooldown } from '../run/ports.ts'
import { agentId, answeredDilution, attempt, count, modelUse, reviewedRange } from './attempt-schema.ts'
import { checkResult, combinedFeedback } from './check-result.ts'
import { cooldown } from './cooldown.ts'
import { finishProgress, runStart } from './finish-progress.ts'

/** Readers refuse any other version; raise it when an older `sko` would misread the file. */
export const stateVersion = 3

const runPhases = ['running', 'finished', 'aborted'] as const
export type RunPhase = (typeof runPhases)[number]

/** `.kittify/orchestrator-run-state.json`, one run; saving/state-text.ts says how it is written. */
export interface RunState {
  readonly version: typeof stateVersion
  /** The name of the log folder. */
  readonly runId: string
  /** The full slug returned by the host. */
  readonly mission: string
  /** The ULID of the host; null: the mission has none, or it is not known yet. */
  readonly missionId: string | null
  readonly actor: string
  readonly phase: RunPhase
  /** ISO 8601 */
  readonly startedAt: string
  /** As resolved at the start of the run; parsed by config/. */
  readonly config: unknown
  /** `--wp`; null: all. */
  readonly onlyWps: readonly string[] | null
  readonly host: { readonly command: string }
  readonly workPackages: Readonly<Record<WpId, WpRecord>>
  readonly cooldowns: Readonly<Record<CooldownKey, Cooldown>>
  /** How long processes of this run have been running, as of the last save, in milliseconds. */
  readonly activeMs: number
  readonly finish: FinishProgress
  /** null: not recorded yet. */
  readonly start: RunStart | null
  /** null until the run has ended. */
  readonly exitCode: number | null
  /** How its last process ended; null: it is running, or was killed. */
  readonly end: RunEnd | null
}

/** How a process of the run ended. */
export interface RunEnd {
  /** ISO 8601 */
  readonly at: string
  readonly reason: string
  readonly exitCode: number
  /** What to run next, most important first. */
  readonly next: readonly NextCommand[]
}

const wpId = z.custom<WpId>(value => typeof value === 'string' && isWpId(value), 'expected a work package id')
const cooldownKey = z.custom<CooldownKey>(
  value => typeof value === 'string' && isCooldownKey(value),
  'expected an agent id, or `agent/model`',
)

const findingFields = {
  severity: z.enum(['high', 'medium', 'low']),
  file: z.string().nullable(),
  line: z.number().nullable(),
  problem: z.string(),
  change: z.string().nullable(),
}
const finding: z.ZodType<Finding> = z.strictObject(findingFields)
const raisedFinding: z.ZodType<RaisedFinding> = z.strictObject({ ...findingFields, raised: count })

const statement: z.ZodType<EarlierStatement> = z.strictObject({
  number: z.int(),
  state: z.enum(['fixed', 'open', 'withdrawn']),
  file: z.string().nullable(),
  line: z.number().nullable(),
  note: z.string().nullable(),
})

const verdict: z.ZodType<Verdict> = z.strictObject({
  verdict: z.enum(['approved', 'changes_requested']),
  summary: z.string(),
  findings: z.array(finding),
  checks: z.array(z.strictObject({ command: z.string(), exitCode: z.number(), observed: z.string() })),
  earlier: z.array(statement).exactOptional(),
})

const feedback = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('findings'),
    reviewer: z.string(),
    summary: z.string(),
    findings: z.array(finding),
    followUps: z.array(finding).exactOptional(),
  }),
  z.strictObject({ kind: z.literal('host-refusal'), message: z.string() }),
  z.strictObject({ kind: z.literal('checks'), results: z.array(checkResult) }),
  combinedFeedback,
])

const confirmation: z.ZodType<Confirmation> = z.strictObject({
  commit: z.string(),
  at: z.string(),
  reason: z.string().nullable(),
  before: z.array(z.string()).readonly().exactOptional(),
  own: z.string().exactOptional(),
})

const wpRecord: z.ZodType<WpRecord> = z.strictObject({
  wpId,
  cycle: count,
  attempts: z.array(attempt),
  cycleBase: z.string().nullable(),
  wpBase: z.string().nullable(),
  feedback: feedback.nullable(),
  work: z
    .strictObject({
      agent: agentId,
      baseCommit: z.string(),
      headCommit: z.string(),
      tree: z.string(),
      checks: z.array(checkResult).nullable(),
    })
    .nullable(),
  judgement: z
    .strictObject({
      verdict,
      reviewer: agentId,
      reference: z.string(),
      commit: z.string(),
      shown: z.array(reviewedRange).default([]),
      dilutions: z.array(answeredDilution).exactOptional(),
      ...modelUse,
      given: z.enum(['approved', 'changes_requested']).exactOptional(),
      followUps: z.array(finding).exactOptional(),
      notBelieved: z.array(finding).exactOptional(),
    })
    .nullable(),
  confirmed: confirmation.nullable().default(null),
  earlierFindings: z.array(raisedFinding),
  // Missing in files from before these two fields.
  lastReviewed: z.string().nullable().default(null),
  followUps: z.array(finding).default([]),
  refusedTrees: z.array(z.strictObject({ tree: z.string(), cycle: count, by: z.enum(['review', 'checks']) })),
  hostRefusals: z.array(z.string()),
  retriedAfterAttempt: count,
  retriedAfterCycle: count,
  // Missing in files from before these two fields.
  retriedAt: z.string().nullable().default(null),
  earlierAttempts: count.nullable().default(null),
  halt: z
    .strictObject({
      kind: z.enum(['blocked', 'left-alone']),
      reason: z.string(),
      cure: z.string().exactOptional(),
      pendingIn: z.enum(lanes).exactOptional(),
    })
    .nullable(),
  laneBranch: z.string().nullable(),
})

const runEnd: z.ZodType<RunEnd> = z.strictObject({
  at: z.string(),
  reason: z.string(),
  exitCode: z.int(),
  next: z.array(storedNext),
})

/** Strict, because the next save would drop a field that this version does not know. */
export const runState: z.ZodType<RunState> = z.strictObject({
  version: z.literal(stateVersion),
  // Used as part of a path.
  runId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/),
  mission: z.string(),
  // Missing in files from before this field.
  missionId: z.string().nullable().default(null),
  actor: z.string(),
  phase: z.enum(runPhases),
  startedAt: z.string(),
  config: z.unknown(),
  onlyWps: z.array(z.string()).nullable(),
  host: z.strictObject({ command: z.string() }),
  workPackages: z.record(wpId, wpRecord),
  cooldowns: z.record(cooldownKey, cooldown),
  activeMs: z.number().nonnegative(),
  finish: finishProgress,
  start: runStart.nullable().default(null),
  exitCode: z.int().nullable(),
  // Missing in files from before this field.
  end: runEnd.nullable().default(null),
})
