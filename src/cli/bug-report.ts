import { printable } from '../core/text.ts'

/** For a person, who is to hand it on. */
export function bugReport(error: unknown): string {
  const ask = 'this is a bug, please report it with the following lines and .kittify/logs/<run>/orchestrator.log'
  return printable(`sko: ${ask}\n${stackOf(error)}\n`)
}

export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
