import type { CheckResult } from '../gate/check-result.ts'
import type { WpId } from '../ids.ts'

export interface FinishProgress {
  readonly mergeStarted: boolean
  readonly merged: boolean
  /** The host was asked to accept the mission as it is now, and may have done so. */
  readonly acceptStarted: boolean
  readonly accepted: boolean
  /** What was merged or is being merged; null before that, or when an older version did it. */
  readonly mergeOf: MergeOf | null
  /** What was accepted, as in `works` of a merge; null before that, or when an older version did it. */
  readonly acceptedOf: Works | null
  /** What the checks said of combined lanes in the last tries to merge, latest last. */
  readonly combined: readonly CombinedResult[]
}

/** The results of all `checks` on the tree of the target with some lanes merged into it. */
export interface CombinedResult {
  readonly tree: string
  readonly results: readonly CheckResult[]
}

/** The commit at which each WP was approved, confirmed, or found when the run began. */
export type Works = Readonly<Record<string, string>>

export interface MergeOf {
  readonly works: Works
  /** null until the host reports it. */
  readonly targetBranch: string | null
  /** The target before the merge. */
  readonly before: string | null
  readonly lanes: readonly MergedLane[]
  /** The target after the merge; null when the merge was not seen. */
  readonly after: string | null
  /** How the run asked for it; absent: someone else merged, or an older version did. */
  readonly strategy?: 'merge' | 'squash' | 'rebase'
  /** True when every merged commit was found to be covered. */
  readonly verified: boolean
  /** The checks that passed on the combined result before the merge; absent: none ran. */
  readonly checked?: CombinedResult
}

/** As it was at that time. */
export interface MergedLane {
  readonly branch: string
  readonly head: string
  readonly wpIds: readonly WpId[]
}

/** What was there when sko first read the mission. It needs no judgement. */
export interface RunStart {
  /** Heads of the target and of the mission's own branch. */
  readonly commits: readonly string[]
  /** For each WP that was approved or done, the head of its lane; null when it has none. */
  readonly given: Readonly<Record<string, string | null>>
}

/** The progress of a new run. */
export const unfinished: FinishProgress = {
  mergeStarted: false,
  merged: false,
  acceptStarted: false,
  accepted: false,
  mergeOf: null,
  acceptedOf: null,
  combined: [],
}
