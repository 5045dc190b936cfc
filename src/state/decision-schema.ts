import { z } from 'zod'
import type { AgentFact } from '../core/agent/agent-choice.ts'
import { failureClasses } from '../core/agent/failure.ts'
import type { Entry, Obstacle } from '../core/explain/entry.ts'
import type {
  RecordedAttempt,
  RecordedCheck,
  RecordedFinding,
  RecordedJudgement,
  RecordedOutcome,
  RecordedStep,
  RecordedWp,
} from '../core/explain/recorded.ts'
import { type AgentId, isAgentId, isLaneId, isWpId, type LaneId, type WpId } from '../core/ids.ts'
import type { GraphNode } from '../core/mission/graph.ts'
import { type Lane, lanes } from '../core/mission/lane.ts'
import type { StepRules } from '../core/rules.ts'
import type { DriverEnd } from '../core/work-package/step.ts'
import { type AttemptResult, roles } from '../core/work-package/work-package.ts'

const wpId = z.custom<WpId>(value => typeof value === 'string' && isWpId(value), 'expected a work package id')
const agentId = z.custom<AgentId>(value => typeof value === 'string' && isAgentId(value), 'expected an agent id')
const laneId = z.custom<LaneId>(value => typeof value === 'string' && isLaneId(value), 'expected a lane worktree')
const wpIds = z.array(wpId)
const count = z.number().default(0)
const text = z.string().default('')
const noText = z.string().nullable().default(null)
const flag = z.boolean().default(false)

const lane: z.ZodType<Lane> = z.union([z.enum(lanes), z.object({ unknown: z.string() })])
const node: z.ZodType<GraphNode> = z.object({ wpId, lane, dependencies: wpIds })

const rules: z.ZodType<StepRules> = z.object({
  agents: z.object({
    max_retries: count,
    single_agent_mode: z.union([z.literal(false), z.object({ agent: agentId, delay_seconds: count })]).default(false),
    fallback_strategy: z.enum(['next_in_list', 'same_agent', 'fail']),
  }),
  review: z.object({ max_cycles: count, reviewer: z.enum(['require_other', 'prefer_other', 'any']) }),
  limits: z.object({ on_usage_limit: z.enum(['wait', 'switch', 'stop']), max_wait_seconds: count }),
})

const result: z.ZodType<AttemptResult> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['succeeded', 'interrupted']) }),
  z.object({ kind: z.literal('failed'), failure: z.object({ class: z.enum(failureClasses), detail: text }) }),
])

const attempt: z.ZodType<RecordedAttempt> = z.object({
  number: count,
  role: z.enum(roles),
  cycle: count,
  agent: agentId,
  baseCommit: text,
  endedAt: noText,
  headCommit: noText,
  result: result.nullable().default(null),
})

const findingFields = { file: noText, problem: text }
const finding: z.ZodType<RecordedFinding> = z.object(findingFields)
const judgement: z.ZodType<RecordedJudgement> = z.object({
  verdict: z.enum(['approved', 'changes_requested']),
  reviewer: agentId,
  findings: z.array(finding),
  given: z.enum(['approved', 'changes_requested']).exactOptional(),
  followUps: z.number().exactOptional(),
  notBelieved: z.number().exactOptional(),
})
const halt = z.object({
  kind: z.enum(['blocked', 'left-alone']),
  reason: text,
  pendingIn: z.enum(lanes).exactOptional(),
})

const record: z.ZodType<RecordedWp> = z.object({
  wpId,
  cycle: count,
  attempts: z.array(attempt),
  work: z.object({ agent: agentId, tree: text, checked: flag }).nullable().default(null),
  judgement: judgement.nullable().default(null),
  confirmed: flag,
  earlierFindings: z.array(z.object({ ...findingFields, raised: count })),
  refusedTrees: z.array(z.object({ tree: text, cycle: count, by: z.enum(['review', 'checks']) })),
  hostRefusals: z.array(z.string()),
  retriedAfterAttempt: count,
  retriedAfterCycle: count,
  retriedAt: noText,
  halt: halt.nullable().default(null),
})

const stepKinds = [
  ...(['claim', 'resolve', 'implement', 'adopt', 'commit', 'check', 'submit'] as const),
  ...(['start-review', 'review', 'approve', 'reject', 'block', 'wait', 'finish'] as const),
]
const activeKinds = z.enum(stepKinds).exclude(['wait', 'finish'])

const step: z.ZodType<RecordedStep> = z.object({
  kind: z.enum(stepKinds),
  agent: agentId.nullable().default(null),
  attempt: z.number().nullable().default(null),
  until: z.number().nullable().default(null),
  end: z.enum(['complete', 'needs-person', 'held']).nullable().default(null),
  by: z.enum(['budget', 'limit']).nullable().default(null),
  reason: noText,
})

const agent: z.ZodType<AgentFact> = z.object({
  id: agentId,
  out: noText,
  absent: flag,
  coolingUntil: count,
  coolingReason: text,
  coolingByLimit: flag,
  coolingForMs: count,
})

const check: z.ZodType<RecordedCheck> = z.object({
  command: text,
  exitCode: z.number().nullable().default(null),
  stopped: noText,
  reason: noText,
})

const outcome: z.ZodType<RecordedOutcome> = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['claimed', 'resolved']), laneId }),
  z.object({ kind: z.literal('attempt-ended'), attempt, judgement: judgement.nullable().default(null) }),
  z.object({ kind: z.literal('committed'), head: text, tree: text, changed: flag }),
  z.object({ kind: z.literal('checked'), results: z.array(check) }),
  z.object({ kind: z.literal('moved'), to: lane }),
  z.object({ kind: z.enum(['verdict-void', 'unanswered']), reason: text }),
  z.object({ kind: z.literal('halted'), halt }),
  z.object({
    kind: z.literal('refused'),
    reason: z.enum(['claimed-by-others', 'move-rejected', 'no-lane-worktree', 'other']),
    mayPass: flag,
    code: text,
    message: text,
    lane,
  }),
  z.object({ kind: z.literal('worktree-in-use'), by: wpId, laneId, lane }),
  z.object({ kind: z.literal('interrupted') }),
])

const end: z.ZodType<DriverEnd> = z
  .union([
    z.object({ kind: z.literal('wait'), until: count, reason: text }),
    z.object({ kind: z.literal('unanswered'), step: activeKinds, reason: text, tookMs: count }),
    z.object({ kind: z.literal('finish'), end: z.literal('complete') }),
    z.object({ kind: z.literal('finish'), end: z.literal('needs-person'), reason: text }),
    z.object({ kind: z.literal('finish'), end: z.literal('held'), by: z.enum(['budget', 'limit']), reason: text }),
  ])
  .nullable()
  .default(null)

const obstacle: z.ZodType<Obstacle> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('mission-unclear'), reason: text }),
  z.object({ kind: z.enum(['paused', 'stopping', 'draining', 'failing', 'only-lasting-trouble']) }),
])

const at = z.number()
const ofWp = { at, wpId }

/** One line of the record. Values that are null, false or empty are left out. */
export const entrySchema: z.ZodType<Entry> = z.union([
  z.object({
    at,
    type: z.literal('begin'),
    version: count,
    rules,
    maxConcurrentWps: count,
    onlyWps: wpIds.nullable().default(null),
    nodes: z.array(node),
    records: z.array(record),
  }),
  z.object({ at, type: z.enum(['paused', 'continued', 'clock-set-back', 'look-began', 'lost']) }),
  z.object({ at, type: z.literal('looked'), whole: flag, nodes: z.array(node) }),
  z.object({ at, type: z.literal('releases-needed'), wpIds }),
  z.object({ at, type: z.literal('decided'), lane, record }),
  z.object({ ...ofWp, type: z.enum(['started', 'skip-began', 'skip-failed']) }),
  z.object({ ...ofWp, type: z.literal('ended'), end, now: count }),
  z.object({ ...ofWp, type: z.literal('taken-away'), from: lane, to: lane }),
  z.object({ ...ofWp, type: z.literal('lane-known'), laneId }),
  z.object({ ...ofWp, type: z.literal('release-answered'), released: z.literal(true) }),
  z.object({ ...ofWp, type: z.literal('release-answered'), released: z.literal(false).default(false), reason: text }),
  z.object({
    ...ofWp,
    type: z.literal('host-unanswered'),
    what: z.enum(['lane', 'list-ready']),
    reason: text,
    waits: flag,
    now: count,
    tookMs: count,
  }),
  z.object({
    at,
    type: z.literal('schedule'),
    unvouched: wpIds.nullable().default(null),
    start: wpIds,
    resolve: wpIds,
  }),
  z.object({ at, type: z.literal('nothing-begins'), because: obstacle.nullable().default(null) }),
  z.object({
    ...ofWp,
    type: z.literal('step'),
    step,
    agents: z
      .object({ implementation: z.array(agent), review: z.array(agent) })
      .nullable()
      .default(null),
    ceiling: z.object({ implementation: noText, review: noText }),
  }),
  z.object({ ...ofWp, type: z.literal('outcome'), outcome }),
])
