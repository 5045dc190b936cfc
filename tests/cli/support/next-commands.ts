import { z } from 'zod'
import type { LoggedEvent } from './run-sko.ts'

const withNext = z.looseObject({ next: z.array(z.strictObject({ command: z.string(), why: z.string().min(1) })) })

/** The commands of an event, each with a reason. */
export function commandsOf(event: LoggedEvent | undefined): readonly string[] {
  return withNext.parse(event).next.map(({ command }) => command)
}

/** The commands that follow `Next:`, without the last, which resumes. */
export function nextCommands(stdout: string): readonly string[] {
  const lines = /^Next:\n((?: {2}.*\n?)+)/m.exec(stdout)?.[1]?.split('\n') ?? []
  const commands = lines.map(line => line.trim().replace(/ {3}\(.*$/, ''))
  return commands.filter(line => line !== '' && line !== 'sko resume')
}
