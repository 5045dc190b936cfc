import type { WpId } from '../ids.ts'

export interface FinishProgress {
  readonly mergeStarted: boolean
  readonly merged: boolean
  /** The host was asked to accept the mission as it is now, and may have done so. */
  readonly acceptStarted: boolean
  readonly accepted: boolean
  /** What was merged, or was to be; null: nothing yet, or by an older version. */
  readonly mergeOf: MergeOf | null
  /** What was accepted, as `works` of a merge; null: nothing yet, or by an older version. */
  readonly acceptedOf: Works | null
}

/** The commit at which each WP was approved, confirmed, or found when the run began. */
export type Works = Readonly<Record<string, string>>

export interface MergeOf {
  readonly works: Works
  /** null: not known before the host says it. */
  readonly targetBranch: string | null
  /** The target before the merge. */
  readonly before: string | null
  readonly lanes: readonly MergedLane[]
  /** The target after it; null: it was not seen to happen. */
  readonly after: string | null
  /** Every commit that it brought was found to be covered. */
  readonly verified: boolean
}

/** As it was at that time. */
export interface MergedLane {
  readonly branch: string
  readonly head: string
  readonly wpIds: readonly WpId[]
}

/** What was there when sko first met the mission: it is the person's, and needs no judgement. */
export interface RunStart {
  /** Heads of the target and of the mission's own branch. */
  readonly commits: readonly string[]
  /** The head of its lane, of each WP that was approved or done; null: it has none. */
  readonly given: Readonly<Record<string, string | null>>
}

/** Of a run that has only begun. */
export const unfinished: FinishProgress = {
  mergeStarted: false,
  merged: false,
  acceptStarted: false,
  accepted: false,
  mergeOf: null,
  acceptedOf: null,
}
