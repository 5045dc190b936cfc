import { plainJson } from '../core/text.ts'
import type { Reporter } from './event.ts'

/** `--json`: NDJSON on stdout and nothing else there. */
export function createJsonLines(write: (text: string) => void): Reporter {
  return { onEvent: event => write(`${plainJson(event)}\n`), close: async () => {} }
}
