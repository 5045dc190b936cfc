import { afterAbort } from '../../core/mission/after-abort.ts'
import type { EventBody } from './event.ts'

/** An event of a run that is being aborted, with the next commands that work after an abort. */
export function asAfterAbort(event: EventBody, mission: string): EventBody {
  const said = (text: string) => afterAbort(text, mission)
  switch (event.type) {
    case 'host-call-left':
    case 'not-merged':
    case 'not-accepted':
    case 'agent-out':
    case 'mission-unclear':
      return { ...event, hint: said(event.hint) }
    case 'needs-person':
      return { ...event, reason: said(event.reason), next: said(event.next) }
    case 'wp-waiting':
      return { ...event, reason: said(event.reason) }
    case 'approved-by-others':
    case 'not-pushed':
    case 'own-files-in-git':
    case 'mission-incomplete':
    case 'aborted':
      return { ...event, next: said(event.next) }
    case 'accepted-by-others':
      return { ...event, next: event.next && said(event.next) }
    case 'run-finished': {
      const workPackages = event.workPackages.map(wp => ({
        ...wp,
        reason: wp.reason === null ? null : said(wp.reason),
      }))
      return { ...event, workPackages, next: event.next.map(said) }
    }
    case 'run-ended':
      return { ...event, hint: said(event.hint), next: event.next.map(said) }
    default:
      return event
  }
}
