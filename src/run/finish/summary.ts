import { expenseOf } from '../../core/budget/budget.ts'
import type { AgentId, WpId } from '../../core/ids.ts'
import { shortFollowUps } from '../../core/judgement/follow-ups.ts'
import { laneName } from '../../core/mission/lane.ts'
import { handover } from '../../core/work-package/handover.ts'
import type { Attempt, Role, Usage, WpRecord } from '../../core/work-package/work-package.ts'
import type { UsedModel, WpSummary } from '../events/end-event.ts'
import type { WpResult } from '../mission/wp-result.ts'

export function summarize({ node, record, reason, heldBy }: WpResult): WpSummary {
  return {
    wpId: node.wpId,
    lane: laneName(node.lane),
    implementers: agentsOf(record, 'implementation'),
    reviewers: agentsOf(record, 'review'),
    usedModels: usedModelsOf(record),
    attempts: record.attempts.length,
    cycles: record.attempts.length === 0 ? 0 : record.cycle,
    elapsedMs: record.attempts.reduce((sum, attempt) => sum + elapsed(attempt.startedAt, attempt.endedAt), 0),
    usage: totalUsage(record.attempts.map(attempt => attempt.usage)),
    attemptsOfUnknownCost: record.attempts.filter(attempt => costIsUnknown(record.wpId, attempt)).length,
    branch: record.laneBranch,
    dilutions: record.judgement?.verdict.verdict === 'approved' ? (record.judgement.dilutions ?? []) : [],
    reason,
    heldBy,
    followUps: shortFollowUps(record),
    ...(reason === null || heldBy !== null ? { tried: [], findings: [] } : handover(record)),
  }
}

function costIsUnknown(wpId: WpId, attempt: Attempt): boolean {
  return expenseOf(wpId, attempt)?.amounts.usd.complete === false
}

function agentsOf(record: WpRecord, role: Role): readonly AgentId[] {
  return [...new Set(record.attempts.filter(attempt => attempt.role === role).map(attempt => attempt.agent))]
}

function usedModelsOf({ attempts }: WpRecord): readonly UsedModel[] {
  const all = attempts.map(({ role, agent, cliVersion = null, model = null, configuredModel = null }) => ({
    ...{ role, agent, cliVersion, model, configuredModel },
  }))
  return [...new Map(all.map(used => [JSON.stringify(used), used])).values()]
}

function elapsed(from: string, to: string | null): number {
  return to === null ? 0 : Math.max(0, Date.parse(to) - Date.parse(from))
}

/** The sum of the known values; null when none is known, which is not zero. */
function totalUsage(usages: readonly (Usage | null)[]): Usage | null {
  const known = usages.filter(usage => usage !== null)
  if (known.length === 0) return null
  const sum = (values: readonly (number | null)[]): number | null => {
    const numbers = values.filter(value => value !== null)
    return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b, 0)
  }
  return {
    inputTokens: sum(known.map(usage => usage.inputTokens)),
    outputTokens: sum(known.map(usage => usage.outputTokens)),
    costUsd: sum(known.map(usage => usage.costUsd)),
  }
}
