import { z } from 'zod'
import type { LoggedEvent } from './run-sko.ts'

const withNext = z.looseObject({ next: z.array(z.strictObject({ command: z.string(), why: z.string().min(1) })) })

/** The commands of an event, each with a reason. */
export function commandsOf(event: LoggedEvent | undefined): readonly string[] {
  return withNext.parse(event).next.map(({ command }) => command)
}

/** The lines that follow `Next:`: each a command, three blanks, and the reason in brackets. */
export function nextLines(stdout: string): readonly string[] {
  const lines = /^Next:\n((?: {2}.*\n?)+)/m.exec(stdout)?.[1]?.split('\n') ?? []
  return lines.map(line => line.trim()).filter(line => line !== '')
}

/** The commands that follow `Next:`, without the last, which resumes. */
export function nextCommands(stdout: string): readonly string[] {
  const commands = nextLines(stdout).map(line => line.replace(/ {3}\(.*$/, ''))
  return commands.filter(line => line !== 'sko resume')
}
