import type { WpId } from '../../core/ids.ts'
import type { FlippedSetting } from '../../core/repository/flipped-setting.ts'

/** The main checkout: it is looked at, and a copy of what a merge drops is kept; nothing is changed in it. */
export interface MainCheckout {
  /** null: it is on none, or git cannot tell. */
  branch(): Promise<string | null>
  /** The command that checks this branch out there, whatever is in its way. */
  switchCommand(branch: string): Promise<string>
  /** What a person must do there before a merge, as a command and its reason; null: nothing, and what a merge drops is kept. */
  whyNotMerge(how: MergeWay): Promise<string | null>
  /** For each of these settings that is not back as it was: the command that puts it back, and why. */
  takeBack(flips: readonly FlippedSetting[]): Promise<readonly string[]>
  /** The command that brings back the file of a WP that was removed there; null: git does not have it. */
  bringBack(wpId: WpId): Promise<string | null>
}

export interface MergeWay {
  readonly coord: boolean
  readonly strategy: 'merge' | 'squash' | 'rebase'
  /** Branches that are merged. */
  readonly lanes: readonly string[]
}
