import { oneLine } from '../text.ts'
import type { WpRecord } from '../work-package/work-package.ts'
import { type Finding, isSameFinding } from './review.ts'

export function findingLine({ severity, file, line, problem }: Finding): string {
  const place = file === null ? '' : `${file}${line === null ? '' : `:${line}`} `
  return `[${severity}] ${place}${problem}`
}

/** As a person needs them in a list: the whole is in the state of the run. */
export function shortFollowUps(record: Pick<WpRecord, 'followUps' | 'judgement'>): readonly Finding[] {
  return followUpsOf(record).map(finding => ({
    ...finding,
    problem: oneLine(finding.problem),
    change: finding.change && oneLine(finding.change),
  }))
}

/** The most that are kept of one WP. */
const most = 50

/** Findings of all reviews of a WP that did not block, each once, without those that block now. */
export function followUpsOf({ followUps, judgement }: Pick<WpRecord, 'followUps' | 'judgement'>): readonly Finding[] {
  const blocking = judgement?.verdict.verdict === 'changes_requested' ? judgement.verdict.findings : []
  const kept: Finding[] = []
  for (const finding of [...followUps, ...(judgement?.followUps ?? [])]) {
    if (![...kept, ...blocking].some(other => isSameFinding(finding, other))) kept.push(finding)
  }
  return kept.slice(0, most)
}
