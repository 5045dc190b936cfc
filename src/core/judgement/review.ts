import type { ModelUse } from '../agent/model-use.ts'
import type { AgentId } from '../ids.ts'
import { quote } from '../text.ts'
import type { ReviewedRange } from './coverage.ts'

export type Severity = 'high' | 'medium' | 'low'

export interface Finding {
  readonly severity: Severity
  readonly file: string | null
  readonly line: number | null
  readonly problem: string
  readonly change: string | null
}

/** A finding with the number of verdicts in a row that raised it. */
export interface RaisedFinding extends Finding {
  readonly raised: number
}

/** What a reviewer answers; run/steps/verdict.ts holds the schema and turns text into it. */
export interface Verdict {
  readonly verdict: 'approved' | 'changes_requested'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly checks: readonly { readonly command: string; readonly exitCode: number; readonly observed: string }[]
}

/** A verdict bound to the commit that was reviewed, with what the reviewer ran with. */
export interface Judgement extends ModelUse {
  readonly verdict: Verdict
  readonly reviewer: AgentId
  /** `review/<WP>/<cycle>`: the reference the host stores. */
  readonly reference: string
  readonly commit: string
  /** What the reviewer was shown. The verdict covers only this. Empty in records of older versions. */
  readonly shown: readonly ReviewedRange[]
}

/** The longest text kept of one part of a verdict, because it is copied to state, notes, prompts and events. */
const longest = 2_000

/** The verdict as it may be stored and shown: no secrets, no control codes, bounded. */
export function quotedVerdict(verdict: Verdict): Verdict {
  return {
    verdict: verdict.verdict,
    summary: quote(verdict.summary, longest),
    findings: verdict.findings.slice(0, 50).map(finding => ({
      severity: finding.severity,
      file: finding.file === null ? null : quote(finding.file, 300),
      line: finding.line,
      problem: quote(finding.problem, longest),
      change: finding.change === null ? null : quote(finding.change, longest),
    })),
    checks: verdict.checks.slice(0, 50).map(check => ({
      command: quote(check.command, 300),
      exitCode: check.exitCode,
      observed: quote(check.observed, 300),
    })),
  }
}
