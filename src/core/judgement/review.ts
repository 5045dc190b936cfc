import type { ModelUse } from '../agent/model-use.ts'
import type { AgentId } from '../ids.ts'
import { quote } from '../text.ts'
import type { ReviewedRange } from './coverage.ts'
import type { AnsweredDilution } from './dilution/dilution.ts'

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

/** What a re-review says about one finding of the review before. Findings are numbered from 1. */
export interface EarlierStatement {
  readonly number: number
  readonly state: 'fixed' | 'open' | 'withdrawn'
  /** Where the reviewer saw it; null: where the finding was. */
  readonly file: string | null
  readonly line: number | null
  readonly note: string | null
}

/** What a reviewer answers; run/steps/verdict.ts holds the schema and turns text into it. */
export interface Verdict {
  readonly verdict: 'approved' | 'changes_requested'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly checks: readonly { readonly command: string; readonly exitCode: number; readonly observed: string }[]
  /** Absent: it says nothing about earlier findings. */
  readonly earlier?: readonly EarlierStatement[]
}

/** A verdict bound to the commit that was reviewed, with what the reviewer ran with. */
export interface Judgement extends ModelUse {
  /** As it counts. The findings of a rejection are those that block; the findings of an approval are its follow-ups. */
  readonly verdict: Verdict
  /** What the reviewer answered, if it counts as the other; absent: the same. */
  readonly given?: Verdict['verdict']
  /** Findings that do not block; absent: none. */
  readonly followUps?: readonly Finding[]
  /** Findings that name no existing place, after the reviewer was asked once more; absent: none. */
  readonly notBelieved?: readonly Finding[]
  readonly reviewer: AgentId
  /** `review/<WP>/<cycle>`: the reference the host stores. */
  readonly reference: string
  readonly commit: string
  /** What the reviewer was shown. The verdict covers only this. Empty in records of older versions. */
  readonly shown: readonly ReviewedRange[]
  /** What may make tests or checks say less, with what the reviewer said about each; absent: nothing was found. */
  readonly dilutions?: readonly AnsweredDilution[]
}

/** The longest text kept of one part of a verdict, because it is copied to state, notes, prompts and events. */
const longest = 2_000

/** The most findings, checks and statements that are kept of one verdict. */
const most = 50

/** The verdict as it may be stored and shown: no secrets, no control codes, bounded. */
export function quotedVerdict({ verdict, summary, findings, checks, earlier }: Verdict): Verdict {
  return {
    verdict,
    summary: quote(summary, longest),
    findings: quotedFindings(findings),
    checks: checks.slice(0, most).map(check => ({
      command: quote(check.command, 300),
      exitCode: check.exitCode,
      observed: quote(check.observed, 300),
    })),
    ...(earlier ? { earlier: earlier.slice(0, most).map(quotedStatement) } : {}),
  }
}

export function quotedFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.slice(0, most).map(finding => ({
    severity: finding.severity,
    file: finding.file === null ? null : quote(finding.file, 300),
    line: finding.line,
    problem: quote(finding.problem, longest),
    change: finding.change === null ? null : quote(finding.change, longest),
  }))
}

function quotedStatement(statement: EarlierStatement): EarlierStatement {
  return {
    ...statement,
    file: statement.file === null ? null : quote(statement.file, 300),
    note: statement.note === null ? null : quote(statement.note, longest),
  }
}

/** Lines move, so the place is the file; the words may differ in numbers, signs and capitals. */
export function isSameFinding(a: Finding, b: Finding): boolean {
  return a.file === b.file && bare(a.problem) === bare(b.problem)
}

function bare(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim()
}
