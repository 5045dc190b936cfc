import { type Config, configSchema } from '../../src/config/schema.ts'
import type { AgentFact } from '../../src/core/agent/agent-choice.ts'
import type { FailureClass } from '../../src/core/agent/failure.ts'
import { type AgentId, isAgentId, isLaneId, isWpId, type LaneId, type WpId } from '../../src/core/ids.ts'
import type { Judgement, Verdict } from '../../src/core/judgement/review.ts'
import type { GraphNode } from '../../src/core/mission/graph.ts'
import { type Lane, parseLane } from '../../src/core/mission/lane.ts'
import type { RefusalReason } from '../../src/core/work-package/refusal.ts'
import type { Outcome } from '../../src/core/work-package/step.ts'
import {
  type Attempt,
  type LaneWorktree,
  newRecord,
  type Work,
  type WorkPackage,
  type WpRecord,
} from '../../src/core/work-package/work-package.ts'

export function wp(text: string): WpId {
  if (!isWpId(text)) throw new Error(text)
  return text
}

function agentId(text: string): AgentId {
  if (!isAgentId(text)) throw new Error(text)
  return text
}

export function laneId(text: string): LaneId {
  if (!isLaneId(text)) throw new Error(text)
  return text
}

export const ada = agentId('ada')
export const bob = agentId('bob')
const wp01 = wp('WP01')
/** A moment that is now, and one in the future, milliseconds since the epoch. */
export const now = Date.UTC(2026, 0, 1, 12)
export const later = now + 600_000

export const worktree: LaneWorktree = {
  path: '/repo/.worktrees/m-lane-a',
  promptPath: '/repo/kitty-specs/m/tasks/WP01.md',
  laneId: laneId('lane-a'),
  branch: 'kitty/lane-a',
  baseRef: 'main',
}

export function node(id: string, lane: string, ...dependencies: readonly string[]): GraphNode {
  return { wpId: wp(id), lane: parseLane(lane), dependencies: dependencies.map(wp) }
}

/** An attempt that has succeeded and is committed, unless said. */
export function attempt(number: number, more: Partial<Attempt> = {}): Attempt {
  return {
    number,
    role: 'implementation',
    cycle: 1,
    agent: ada,
    baseCommit: 'base',
    startedAt: new Date(now - 60_000).toISOString(),
    endedAt: new Date(now - 30_000).toISOString(),
    process: null,
    result: { kind: 'succeeded' },
    headCommit: 'head',
    usage: null,
    lastWords: null,
    sessionId: null,
    resumedSession: null,
    ...more,
  }
}

export function failed(number: number, failureClass: FailureClass, more: Partial<Attempt> = {}): Attempt {
  return attempt(number, { result: { kind: 'failed', failure: { class: failureClass, detail: 'why' } }, ...more })
}

export function record(more: Partial<WpRecord> = {}): WpRecord {
  return { ...newRecord(wp01), ...more }
}

export function workPackage(
  lane: Lane,
  more: Partial<WpRecord> = {},
  where: LaneWorktree | null = worktree,
): WorkPackage {
  return { wpId: wp01, lane, worktree: where, record: record(more) }
}

export const work: Work = { agent: ada, baseCommit: 'base', headCommit: 'head', tree: 'tree', checks: [] }

export const finding = { severity: 'medium', file: 'a.ts', line: 3, problem: 'it is wrong', change: 'mend it' } as const

export function judgement(verdict: Verdict['verdict']): Judgement {
  const findings = verdict === 'approved' ? [] : [finding]
  return {
    verdict: { verdict, summary: 'in short', findings, checks: [] },
    reviewer: bob,
    reference: 'review/WP01/c1-a2',
    commit: 'head',
    shown: [{ base: 'base', head: 'head' }],
  }
}

export function fact(id: AgentId, more: Partial<AgentFact> = {}): AgentFact {
  const free = { coolingUntil: 0, coolingReason: '', coolingByLimit: false, coolingForMs: 0 }
  return { id, out: null, absent: false, ...free, ...more }
}

export function config(given: Record<string, unknown> = {}): Config {
  return configSchema.parse(given)
}

export function refused(reason: RefusalReason, lane: Lane, message = 'its words'): Outcome {
  return { kind: 'refused', reason, mayPass: false, code: 'ITS_CODE', message, lane }
}
