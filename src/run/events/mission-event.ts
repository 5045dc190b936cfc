import { duration } from '../../core/format.ts'
import type { WpId } from '../../core/ids.ts'
import { changesIn, type GraphChange } from '../../core/mission/graph.ts'

/** What is told about the mission as the host names it while the run goes on, and what has to wait for it. */
export type MissionEvent =
  | WpWaiting
  /** A look at the mission that nothing can be built on: the last sound one stands, and it is looked at again. */
  | { readonly type: 'mission-unclear'; readonly reason: string; readonly hint: string }
  | { readonly type: 'mission-clear' }
  /** It has other WPs, or other dependencies, than when it was last looked at. */
  | ({ readonly type: 'mission-changed' } & GraphChange)
  /** Unfinished ones that the mission does not have any more: the end of the run waits so long for their files. */
  | { readonly type: 'wps-gone'; readonly wpIds: readonly WpId[]; readonly patienceSeconds: number }

interface WpWaiting {
  readonly type: 'wp-waiting'
  readonly wpId: WpId
  /** ISO 8601 */
  readonly until: string
  readonly reason: string
  /** It is asked again with growing pauses, and a person once that has lasted so long; absent: it waits for a time. */
  readonly patienceSeconds?: number
}

export function describeMission(event: MissionEvent): string {
  switch (event.type) {
    case 'wp-waiting':
      return `${event.wpId} waits until ${event.until}${asksAfter(event)}: ${event.reason}`
    case 'mission-unclear':
      return `the mission cannot be read for now, what runs goes on and nothing else begins: ${event.reason} -> ${event.hint}`
    case 'mission-clear':
      return 'the mission can be read again: the run goes on'
    case 'mission-changed':
      return `the mission has changed: ${changesIn(event)}`
    case 'wps-gone': {
      const lasts = `${duration(event.patienceSeconds * 1000)} (host.patience_seconds)`
      const which = `${event.wpIds.join(', ')} ${event.wpIds.length === 1 ? 'is' : 'are'} gone from the mission, unfinished`
      return `${which}; a file may only be away for a while, so the run does not end before that has lasted ${lasts} -> put it back, or wait`
    }
  }
}

function asksAfter({ patienceSeconds }: WpWaiting): string {
  return patienceSeconds === undefined ? '' : ` (asked again; a person after ${duration(patienceSeconds * 1000)} of it)`
}
