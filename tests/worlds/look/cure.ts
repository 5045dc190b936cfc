import { z } from 'zod'
import type { LoggedEvent, SkoResult } from '../../cli/support/run-sko.ts'
import type { CellWorld } from '../world.ts'

/** I6, of one call of sko: each unfinished WP is reported once, with a reason, and there is a next command. */
export function notReported(result: SkoResult, events: readonly LoggedEvent[]): readonly string[] {
  if (result.exitCode === 0) return []
  const finished = events.findLast(event => event.type === 'run-finished')
  if (!finished) return result.stderr.trim() === '' ? [`I6: exit ${result.exitCode} without a word`] : []
  const reported = events.flatMap(event => (event.type === 'needs-person' ? [String(event.wpId)] : []))
  const twice = reported.filter((wpId, index) => reported.indexOf(wpId) !== index)
  const next = nextOf(result)
  const text = [...next, ...reported].join('\n')
  const unfinished = summaries.parse(finished).workPackages.filter(({ lane }) => !/^(?:done|approved)$/.test(lane))
  const without = events.filter(event => event.type === 'needs-person' && !event.reason)
  return [
    ...without.map(event => `I6: ${event.wpId} has no reason`),
    ...unfinished.flatMap(({ wpId }) => (text.includes(wpId) ? [] : [`I6: nothing is said of ${wpId}`])),
    ...twice.map(wpId => `I6: ${wpId} is reported more than once`),
    ...(next.length === 0 ? [`I6: exit ${result.exitCode}, and nothing says what to do`] : []),
  ]
}

const summaries = z.object({ workPackages: z.array(z.object({ wpId: z.string(), lane: z.string() })) })

/** What follows `Next:` at the end of a run, or the second line of a failure; without the words in brackets. */
export function nextOf({ stdout, stderr }: SkoResult): readonly string[] {
  const list = /^Next:\n((?: {2}.*\n?)+)/m.exec(stdout)?.[1]?.split('\n') ?? []
  const hint = stderr.startsWith('sko: ') ? stderr.split('\n').slice(1) : []
  const commands = [...list, ...hint].map(line => line.trim().replace(/^next: /, ''))
  return commands.map(line => line.replace(/ {3}\(.*$/, '')).filter(Boolean)
}

const command = /^(?:sko|git|spec-kitty|export|unset|rm|node) /
const quotedCommand = /`((?:sko|git|spec-kitty) [^`]*)`/

/** The commands among them; the rest is for a person to do. */
export function commandsOf(next: readonly string[]): readonly string[] {
  return next.flatMap(line => (command.test(line) ? [line] : (quotedCommand.exec(line)?.[1] ?? [])))
}

/** What a printed command has stashed comes back as it says, by `git stash pop`. */
export function takeBack(world: CellWorld, obeyed: readonly string[]): Promise<readonly string[]> {
  return obey(
    world,
    obeyed.flatMap(line => (line.includes(' stash push ') ? ['git stash pop --quiet'] : [])),
  )
}

/** Who runs `sko confirm` vouches for that commit, and all that it contains. */
export function wordsOfPerson(commands: readonly string[]): readonly LoggedEvent[] {
  return commands.flatMap(line => {
    const [, wpId, commit] = /^sko confirm (WP\d+) --commit ([0-9a-f]+)/.exec(line) ?? []
    return commit === undefined ? [] : [{ type: 'confirmed', at: '', runId: '', wpId, commit }]
  })
}

/** What a person's shell gives to later calls, after these commands. */
export function exportedBy(commands: readonly string[]): Readonly<Record<string, string>> {
  const words = commands.flatMap(line => /^export ([^&]+)/.exec(line)?.[1]?.trim().split(' ') ?? [])
  return Object.fromEntries(words.map(word => word.split('=', 2)))
}

/** Runs what sko printed, as a person would. Returns what went wrong. */
export async function obey(world: CellWorld, commands: readonly string[]): Promise<readonly string[]> {
  const said: string[] = []
  for (const line of commands.filter(line => !/^sko resume\b/.test(line))) {
    const { exitCode, output } = await world.shell(line.replace(/ && sko resume.*$/, ''))
    if (exitCode !== 0) said.push(`I6: the printed command \`${line}\` exits ${exitCode}: ${output.slice(0, 500)}`)
  }
  return said
}
