import { rules } from '../agent/failure.ts'
import { type Finding, isSameFinding, type RaisedFinding } from '../judgement/review.ts'
import type { Attempt, AttemptResult } from './work-package.ts'

/** After this many identical failures in a row without progress, the agent is not asked again. */
const sameByOneAgent = 2
/** After this many identical failures, whichever agent ran, the WP stops: the agent is not the cause. */
const sameByAnyone = 3
/** The most reworks for one finding. */
const reworksPerFinding = 2

/** The attempts at the end of a series (one role, one cycle) that failed in the same way and left nothing behind. */
export function repeatedFailures(tried: readonly Attempt[]): readonly Attempt[] {
  const ended = tried.filter(attempt => attempt.result !== null && !saysNothing(attempt, attempt.result))
  const signature = signatureOf(ended.at(-1))
  const start = ended.findLastIndex(attempt => signatureOf(attempt) !== signature || progressed(attempt))
  return signature === null ? [] : ended.slice(start + 1)
}

/** Interruptions, limits, and failures with a bound of their own neither continue such a series nor end it. */
function saysNothing(attempt: Attempt, result: AttemptResult): boolean {
  if (result.kind === 'interrupted') return true
  if (result.kind === 'succeeded' || progressed(attempt)) return false
  const { consequence, most } = rules[result.failure.class]
  return consequence !== 'retry' || most !== null
}

/** Whether the agent has just failed in the same way twice, and is not asked again. */
export function repeatsItself(agent: Attempt['agent'], repeated: readonly Attempt[]): boolean {
  const own = repeated.filter(attempt => attempt.agent === agent)
  return own.length >= sameByOneAgent
}

/** Why the WP stops, in a sentence for a person; null when it does not. */
export function whyLoopEnds(repeated: readonly Attempt[]): string | null {
  const last = repeated.at(-1)?.result
  if (repeated.length < sameByAnyone || last?.kind !== 'failed') return null
  const agents = [...new Set(repeated.map(attempt => attempt.agent))].join(', ')
  return `the same failure ${repeated.length} times in a row without progress (${agents}): ${last.failure.class}: ${last.failure.detail}`
}

/** Without numbers, which differ each time: pids, ports, seconds. */
function signatureOf(attempt: Attempt | undefined): string | null {
  if (attempt?.result?.kind !== 'failed') return null
  const { class: name, detail } = attempt.result.failure
  return `${name} ${detail.replace(/\d+/g, '#')}`
}

/** Whether it left a commit, even if it failed. */
function progressed({ role, baseCommit, headCommit }: Attempt): boolean {
  return role === 'implementation' && headCommit !== null && headCommit !== baseCommit
}

/** Each finding of a verdict with how many verdicts in a row have raised it. */
export function raisedAgain(findings: readonly Finding[], earlier: readonly RaisedFinding[]): readonly RaisedFinding[] {
  return findings.map(finding => {
    const before = earlier.filter(other => isSameFinding(finding, other)).map(other => other.raised)
    return { ...finding, raised: 1 + Math.max(0, ...before) }
  })
}

/** A finding that was reworked so often that another try is useless; null when there is none. */
export function unresolvedFinding(findings: readonly RaisedFinding[]): RaisedFinding | null {
  return findings.find(finding => finding.raised > reworksPerFinding) ?? null
}
