import { describe, summary } from './describe.ts'
import type { Reporter } from './event.ts'

/** Plain lines with the time of day: for logs, CI and screen readers, and wherever there is no terminal. */
export function createLines(write: (text: string) => void): Reporter {
  return {
    onEvent: event => {
      const text = describe(event)
      if (text !== null) write(`${event.at.slice(11, 19)} ${text}\n`)
      if (event.type === 'run-finished') write(`\n${summary(event)}\n`)
    },
    close: async () => {},
  }
}
