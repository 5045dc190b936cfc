import type { Reporter } from '../../run/events/event.ts'
import type { Requests } from '../../run/requests/requests.ts'

/** The key p: pauses a run that goes on, and lets one go on that is paused, however it came to be so. */
export function createPauseKey(requests: Requests): { onKey(key: string): void; readonly reporter: Reporter } {
  let paused = false
  return {
    onKey: key => {
      if (key === 'p') void requests.ask({ kind: paused ? 'continue' : 'pause' })
    },
    reporter: {
      onEvent: ({ type }) => {
        if (type === 'paused' || type === 'continued') paused = type === 'paused'
      },
      close: async () => {},
    },
  }
}
