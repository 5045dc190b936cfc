import type { CombinedResult, FinishProgress, MergedLane } from '../../core/mission/finish-progress.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { Located } from '../mission/located.ts'

/** What is to be merged. */
export interface Together {
  readonly located: readonly Located[]
  /** In the order in which they are merged. */
  readonly lanes: readonly MergedLane[]
  /** The commit of the target. */
  readonly target: string
  readonly targetBranch: string
}

/** Whether the target may move. */
export type Gate =
  /** `checked`: the results on the combined files; null: no checks are configured, or git cannot merge in memory. */
  | { readonly kind: 'open'; readonly checked: CombinedResult | null; readonly progress: FinishProgress }
  /** A WP was sent back to work. */
  | { readonly kind: 'sent-back' }
  /** `next`: what a person does. */
  | { readonly kind: 'closed'; readonly next: readonly NextCommand[] }
