import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * At exit Node restores the settings of its terminals, and aborts if one of them is gone (20.20: SIGABRT instead of the
 * exit code). It skips descriptors that are closed.
 */
export function closeLostTerminals(): void {
  const terminals = [0, 1, 2].filter(isatty)
  process.once('exit', () => {
    for (const terminal of terminals) if (!isatty(terminal)) closeSync(terminal)
  })
}
