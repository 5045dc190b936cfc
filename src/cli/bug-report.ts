import { printable } from '../core/text.ts'

/** Text that the user can send to us. */
export function bugReport(error: unknown): string {
  const ask = 'this is a bug, please report it with the following lines and .kittify/logs/<run>/orchestrator.log'
  return printable(`sko: ${ask}\n${stackOf(error)}\n`)
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
