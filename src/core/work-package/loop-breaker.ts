import { rules } from '../agent/failure.ts'
import type { Finding, RaisedFinding } from '../judgement/review.ts'
import type { Attempt, AttemptResult } from './work-package.ts'

/** The same failure in a row without progress: so often by one agent, and it is not asked again. */
const sameByOneAgent = 2
/** So often, whoever asked: the WP stops, for it is not the agent. */
const sameByAnyone = 3
/** Reworks that were to mend a finding. */
const reworksPerFinding = 2

/** The attempts at the end of a series (one role, one cycle) that failed in the same way and left nothing behind. */
export function repeatedFailures(tried: readonly Attempt[]): readonly Attempt[] {
  const ended = tried.filter(attempt => attempt.result !== null && !saysNothing(attempt, attempt.result))
  const signature = signatureOf(ended.at(-1))
  const start = ended.findLastIndex(attempt => signatureOf(attempt) !== signature || progressed(attempt))
  return signature === null ? [] : ended.slice(start + 1)
}

/** An interruption, a limit, and what has a bound of its own neither continue such a series nor end it. */
function saysNothing(attempt: Attempt, result: AttemptResult): boolean {
  if (result.kind === 'interrupted') return true
  if (result.kind === 'succeeded' || progressed(attempt)) return false
  const { consequence, most } = rules[result.failure.class]
  return consequence !== 'retry' || most !== null
}

/** Not to be asked again: it has just failed in the same way as the time before. */
export function repeatsItself(agent: Attempt['agent'], repeated: readonly Attempt[]): boolean {
  const own = repeated.filter(attempt => attempt.agent === agent)
  return own.length >= sameByOneAgent
}

/** Why the WP stops, in a sentence for a person; null: it does not. */
export function whyLoopEnds(repeated: readonly Attempt[]): string | null {
  const last = repeated.at(-1)?.result
  if (repeated.length < sameByAnyone || last?.kind !== 'failed') return null
  const agents = [...new Set(repeated.map(attempt => attempt.agent))].join(', ')
  return `the same failure ${repeated.length} times in a row without progress (${agents}): ${last.failure.class}: ${last.failure.detail}`
}

/** Numbers differ from one time to the next: pids, ports, seconds. */
function signatureOf(attempt: Attempt | undefined): string | null {
  if (attempt?.result?.kind !== 'failed') return null
  const { class: name, detail } = attempt.result.failure
  return `${name} ${detail.replace(/\d+/g, '#')}`
}

/** It left a commit, whatever became of it. */
function progressed({ role, baseCommit, headCommit }: Attempt): boolean {
  return role === 'implementation' && headCommit !== null && headCommit !== baseCommit
}

/** Each finding of a verdict with how many verdicts in a row have raised it. */
export function raisedAgain(findings: readonly Finding[], earlier: readonly RaisedFinding[]): readonly RaisedFinding[] {
  return findings.map(finding => {
    const before = earlier.filter(other => isSame(finding, other)).map(other => other.raised)
    return { ...finding, raised: 1 + Math.max(0, ...before) }
  })
}

/** A finding that was to be mended so often that asking again is no use; null: there is none. */
export function unresolvedFinding(findings: readonly RaisedFinding[]): RaisedFinding | null {
  return findings.find(finding => finding.raised > reworksPerFinding) ?? null
}

/** Lines move, so the place is the file; the words may differ in numbers, signs and capitals. */
function isSame(a: Finding, b: Finding): boolean {
  return a.file === b.file && bare(a.problem) === bare(b.problem)
}

function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
}
