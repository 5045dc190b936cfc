import type { AgentId } from './ids.ts'

export type Severity = 'high' | 'medium' | 'low'

export interface Finding {
  readonly severity: Severity
  readonly file: string | null
  readonly line: number | null
  readonly problem: string
  readonly change: string | null
}

/** What a reviewer answers; agents/verdict.ts holds the schema and turns text into it. */
export interface Verdict {
  readonly verdict: 'approved' | 'changes_requested'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly checks: readonly { readonly command: string; readonly exitCode: number; readonly observed: string }[]
}

/** A verdict bound to the commit that was reviewed. */
export interface Judgement {
  readonly verdict: Verdict
  readonly reviewer: AgentId
  /** `review/<WP>/<cycle>`: the reference the host stores. */
  readonly reference: string
  readonly commit: string
}
