import type { ReviewedRange } from '../judgement/coverage.ts'
import type { DilutionKind } from '../judgement/dilution/dilution.ts'
import type { Finding } from '../judgement/review.ts'

/**
 * What a run knows about a merge: who judged which commits, and how. It is the predicate of an in-toto Statement whose
 * subjects are the commit and the tree of the target after the merge. `docs/review-record.md` describes each field.
 */
export interface ReviewRecord {
  readonly sko: { readonly version: string }
  readonly run: { readonly id: string /** ISO 8601 */; readonly startedAt: string; readonly recordedAt: string }
  readonly mission: {
    readonly slug: string /** The host's ULID; null when the host does not say it. */
    readonly id: string | null
  }
  readonly target: RecordedTarget
  readonly lanes: readonly RecordedLane[]
  /** Approving judgements. Their ranges are what is covered. */
  readonly judgements: readonly RecordedJudgement[]
  /** By `sko confirm`: a person has looked at these commits. */
  readonly confirmations: readonly RecordedConfirmation[]
  /** Work packages that were approved or done before the run. The record knows no judgement of them. */
  readonly given: readonly { readonly workPackage: string; readonly head: string | null }[]
  /** The checks on the combined result, before the target moved; empty when none are configured. */
  readonly checks: readonly RecordedCheck[]
  /** Of the resolved configuration of the run, as canonical JSON. */
  readonly configuration: { readonly sha256: string }
}

export interface RecordedTarget {
  readonly branch: string | null
  /** The target right before the merge and right after it; `before` is null when someone else merged unseen. */
  readonly before: string | null
  readonly after: string
  readonly strategy: 'merge' | 'squash' | 'rebase' | null
}

export interface RecordedLane {
  readonly branch: string
  readonly head: string
  readonly workPackages: readonly string[]
}

export interface RecordedJudgement {
  readonly workPackage: string
  /** `review/<WP>/<cycle>`: the reference that the host stores. */
  readonly reference: string
  /** The commit that was reviewed. */
  readonly commit: string
  /** Everything the reviewer was shown: in `head` and not in `base`. */
  readonly ranges: readonly ReviewedRange[]
  /** As it counts. */
  readonly verdict: 'approved' | 'changes_requested'
  /** What the reviewer answered. A request for changes in which nothing blocks may count as approved. */
  readonly answered: 'approved' | 'changes_requested'
  readonly summary: string
  readonly findings: readonly Finding[]
  readonly reviewer: RecordedAgent
  /** The agents whose attempts made the work. */
  readonly implementers: readonly RecordedAgent[]
  /** What may make tests or checks say less, with the reviewer's answers; absent: nothing was found. */
  readonly dilutions?: readonly RecordedDilution[]
  /** The checks on the reviewed commit. */
  readonly checks: readonly RecordedCheck[]
}

export interface RecordedDilution {
  readonly kind: DilutionKind
  readonly file: string
  readonly line: number | null
  readonly answer: string
}

export interface RecordedAgent {
  /** The id of the agent, such as `claude-code`. */
  readonly agent: string
  /** As the CLI stated it; null when it did not. */
  readonly version: string | null
  /** The model that answered, as the CLI stated it; null when it did not. */
  readonly model: string | null
  /** The model that the configuration asks for; null: the CLI's default. */
  readonly configuredModel: string | null
}

export interface RecordedConfirmation {
  readonly workPackage: string
  readonly commit: string
  /** ISO 8601 */
  readonly at: string
  readonly reason: string | null
}

export interface RecordedCheck {
  readonly command: string
  /** null when it was stopped. */
  readonly exitCode: number | null
}
