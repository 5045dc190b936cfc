import { closeSync } from 'node:fs'
import { isatty } from 'node:tty'

/**
 * At its end Node puts back the settings of its terminals, and aborts where one was closed meanwhile (20.20: SIGABRT in
 * place of the exit code). A descriptor that is not open any more it leaves alone.
 */
export function letGoOfLostTerminals(): void {
  const terminals = [0, 1, 2].filter(isatty)
  process.once('exit', () => {
    for (const terminal of terminals) if (!isatty(terminal)) closeSync(terminal)
  })
}
