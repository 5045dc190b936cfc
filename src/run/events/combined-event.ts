import { listed, someOf } from '../../core/format.ts'
import type { OtherWork } from '../../core/gate/other-work.ts'
import type { WpId } from '../../core/ids.ts'
import { oneLine, quote } from '../../core/text.ts'

/** Events about what the lanes are together, before they are merged. */
export type CombinedEvent = CombinedCheck | SentBack | CombinedUnchecked | CombinedDiffers | ConflictForetold

/** The checks on the target with these lanes merged into it. No lanes: the target alone. */
type CombinedCheck = {
  readonly type: 'combined-check'
  readonly lanes: readonly string[]
  readonly target: string
} & (
  | { readonly state: 'started' }
  /** `again`: the same files were checked before, so that nothing ran. */
  | { readonly state: 'passed'; readonly tree: string; readonly again: boolean }
  | ({ readonly state: 'failed'; readonly tree: string; readonly again: boolean } & FailedCheck)
)

/** The first check that failed. */
interface FailedCheck {
  readonly command: string
  readonly exitCode: number | null
  readonly stopped?: string
  readonly log: string | null
}

/** An approved WP goes back to work because of what it is merged with. */
export interface SentBack {
  readonly type: 'sent-back'
  readonly wpId: WpId
  /** The cycle that begins. */
  readonly cycle: number
  readonly others: readonly OtherWork[]
  /** Empty: they merge, and the checks fail on the result. */
  readonly conflicts: readonly string[]
  readonly command: string | null
  readonly log: string | null
}

/** git cannot merge the lanes in memory: they are merged without the checks on the result. */
interface CombinedUnchecked {
  readonly type: 'combined-unchecked'
  readonly reason: string
}

/** The target has other files after the merge than those that were checked. */
interface CombinedDiffers {
  readonly type: 'combined-differs'
  readonly targetBranch: string
  readonly files: readonly string[]
}

/** git cannot merge this approved work with other work as it is now, which is known while agents still work. */
interface ConflictForetold {
  readonly type: 'conflict-foretold'
  readonly approved: OtherWork
  readonly other: OtherWork
  readonly files: readonly string[]
}

export function describeCombined(event: CombinedEvent): string {
  switch (event.type) {
    case 'combined-check':
      return checkLine(event)
    case 'sent-back':
      return sentBackLine(event)
    case 'conflict-foretold':
      return `the approved work of ${event.approved.wpIds.join(', ')} will conflict with ${nameOf(event.other)} in ${oneLine(someOf(event.files), 200)}`
    case 'combined-unchecked':
      return `warning: the combined result is merged without checks on it: ${oneLine(event.reason, 200)} -> git 2.38 or newer can do it`
    case 'combined-differs':
      return `warning: ${event.targetBranch} has other files than the combined result that was checked: ${oneLine(someOf(event.files), 300)}`
  }
}

function checkLine(event: CombinedCheck): string {
  const what = event.lanes.length === 0 ? `${event.target} alone` : `${listed(event.lanes)} merged into ${event.target}`
  switch (event.state) {
    case 'started':
      return `checks run on ${what}`
    case 'passed':
      return `checks pass on ${what}${event.again ? ', as on the same files before' : ''}`
    case 'failed': {
      const how = event.exitCode === null ? `stopped, ${event.stopped ?? 'it took too long'}` : `exit ${event.exitCode}`
      return `checks fail on ${what}: ${quote(event.command, 100)}: ${how}${event.log === null ? '' : `, log ${event.log}`}`
    }
  }
}

function sentBackLine({ wpId, cycle, others, conflicts, command }: SentBack): string {
  const names = others.map(nameOf).join(' and ')
  const why =
    conflicts.length > 0
      ? `it conflicts with ${names} in ${oneLine(someOf(conflicts), 200)}`
      : `${quote(command ?? 'a check', 100)} fails${names === '' ? ' on it in a fresh checkout' : ` on it together with ${names}`}`
  return `${wpId} goes back to work (cycle ${cycle}): ${why}`
}

function nameOf({ wpIds, branch }: OtherWork): string {
  return wpIds.length === 0 ? branch : wpIds.join(', ')
}
