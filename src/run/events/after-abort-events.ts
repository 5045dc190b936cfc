import { afterAbort, nextAfterAbort } from '../../core/mission/after-abort.ts'
import type { EventBody } from './event.ts'

/** An event of a run that is being aborted, with the next commands that work after an abort. */
export function asAfterAbort(event: EventBody, mission: string): EventBody {
  const said = (text: string) => afterAbort(text, mission)
  const withHint = 'hint' in event ? { ...event, hint: said(event.hint) } : event
  const named = 'next' in withHint ? { ...withHint, next: nextAfterAbort(withHint.next, mission) } : withHint
  switch (named.type) {
    case 'needs-person':
    case 'wp-waiting':
      return { ...named, reason: said(named.reason) }
    case 'run-finished': {
      const workPackages = named.workPackages.map(wp => ({
        ...wp,
        reason: wp.reason === null ? null : said(wp.reason),
      }))
      return { ...named, workPackages }
    }
    default:
      return named
  }
}
