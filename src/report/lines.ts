import { oneLine, printable } from '../core/text.ts'
import type { Reporter } from '../run/events/event.ts'
import { describe } from './describe.ts'
import { summary } from './summary.ts'

/** Plain lines with the time of day: for logs, CI and screen readers, and wherever there is no terminal. */
export function createLines(write: (text: string) => void): Reporter {
  return {
    onEvent: event => {
      const text = describe(event)
      if (text !== null) write(`${event.at.slice(11, 19)} ${oneLine(text, Number.POSITIVE_INFINITY)}\n`)
      if (event.type === 'run-finished') write(`\n${printable(summary(event))}\n`)
    },
    close: async () => {},
  }
}
