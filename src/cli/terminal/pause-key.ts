import type { Reporter } from '../../run/events/event.ts'
import type { Requests } from '../../run/requests/requests.ts'

/** The key p: pauses a running run and continues a paused one, also when a command paused it. */
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
