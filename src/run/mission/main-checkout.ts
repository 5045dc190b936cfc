import type { WpId } from '../../core/ids.ts'
import type { NextCommand } from '../../core/next-command.ts'
import type { FlippedSetting } from '../../core/repository/flipped-setting.ts'
import type { GitOutcome } from '../git/git-outcome.ts'

/** The main checkout. It is only read, and what a merge would drop is copied; nothing in it is changed. */
export interface MainCheckout {
  /** null for a detached HEAD, or when git cannot tell. */
  branch(): Promise<string | null>
  /** The command that checks this branch out there, also when files are in the way. */
  switchCommand(branch: string): Promise<GitOutcome<string>>
  /** What a person must do before a merge (a command and its reason), or null. Copies what a merge would drop. */
  whyNotMerge(how: MergeWay): Promise<GitOutcome<NextCommand | null>>
  /** How the host is set to merge: the strategy of a merge that names none. */
  strategyOfHost(): Promise<MergeWay['strategy']>
  /** For each of these settings that is still changed: the command that restores it, and why. */
  takeBack(flips: readonly FlippedSetting[]): Promise<readonly NextCommand[]>
  /** The command that restores the removed file of a WP; null when git does not have it. */
  bringBack(wpId: WpId): Promise<string | null>
}

export interface MergeWay {
  readonly coord: boolean
  readonly strategy: 'merge' | 'squash' | 'rebase'
  /** The branches to merge. */
  readonly lanes: readonly string[]
}
