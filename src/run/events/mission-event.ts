import { duration, listed } from '../../core/format.ts'
import type { WpId } from '../../core/ids.ts'
import { changesIn, type GraphChange } from '../../core/mission/graph.ts'
import type { NextCommand } from '../../core/next-command.ts'

/** Changes of the mission at the host during the run, and what waits because of them. */
export type MissionEvent =
  | WpWaiting
  | MissionUnclear
  | { readonly type: 'mission-clear' }
  /** The mission has other WPs or dependencies than at the last look. */
  | ({ readonly type: 'mission-changed' } & GraphChange)
  /** Unfinished WPs that the mission no longer has. The run waits this long for their files before it ends. */
  | { readonly type: 'wps-gone'; readonly wpIds: readonly WpId[]; readonly patienceSeconds: number }

/** A look at the mission that nothing can be built on: the last sound one stands, and it is looked at again. */
interface MissionUnclear {
  readonly type: 'mission-unclear'
  readonly reason: string
  /** What a person does about it, where that is no command. */
  readonly hint: string
  readonly next: readonly NextCommand[]
}

interface WpWaiting {
  readonly type: 'wp-waiting'
  readonly wpId: WpId
  /** ISO 8601 */
  readonly until: string
  readonly reason: string
  /** The host is asked again, with growing pauses, for this long; then a person is asked. Absent: waits until `until`. */
  readonly patienceSeconds?: number
}

export function describeMission(event: MissionEvent): string {
  switch (event.type) {
    case 'wp-waiting':
      return `${event.wpId} waits until ${event.until}${asksAfter(event)}: ${event.reason}`
    case 'mission-unclear':
      return `the mission cannot be read at the moment; running attempts continue, no new ones start: ${event.reason}${event.hint && ` -> ${event.hint}`}`
    case 'mission-clear':
      return 'the mission can be read again: the run continues'
    case 'mission-changed':
      return `the mission has changed: ${changesIn(event)}`
    case 'wps-gone': {
      const lasts = `${duration(event.patienceSeconds * 1000)} (host.patience_seconds)`
      const which = `${listed(event.wpIds)} ${event.wpIds.length === 1 ? 'is' : 'are'} missing from the mission, unfinished`
      return `${which}; its file may come back, so the run waits ${lasts} before it ends -> put it back, or wait`
    }
  }
}

function asksAfter({ patienceSeconds }: WpWaiting): string {
  return patienceSeconds === undefined
    ? ''
    : ` (sko asks again; it needs attention after ${duration(patienceSeconds * 1000)})`
}
