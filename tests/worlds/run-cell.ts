import type { LoggedEvent, SkoResult } from '../cli/support/run-sko.ts'
import type { Level } from './level.ts'
import { tooMany } from './look/bounds.ts'
import { lostBytes } from './look/bytes.ts'
import { uncovered } from './look/coverage.ts'
import { commandsOf, exportedBy, nextOf, notReported, obey, takeBack, wordsOfPerson } from './look/cure.ts'
import { leftBehind, listing } from './look/leftovers.ts'
import { misnamed } from './look/names.ts'
import { notAsSaid } from './look/outcome.ts'
import { notVerified } from './look/verified.ts'
import { buildWorld, type CellWorld } from './world.ts'

/** After so many rounds of doing what sko prints, the mission must be finished: lanes that conflict are sent back twice first. */
const mostRounds = 8

/** Runs the mission in the world of these levels until it is finished. Returns every breach of an invariant. */
export async function runCell(levels: readonly Level[]): Promise<readonly string[]> {
  const world = await buildWorld(levels)
  const before = listing(world)
  const seen: Seen = { events: [], broken: [], obeyed: [] }
  const refusals = levels.flatMap(level => level.refused ?? [])
  let result = await callSko(world, seen, false)
  // Of several reasons the first is said.
  const isRefused = refusals.length === 0 || refusals.some(({ says }) => says.test(result.stderr))
  if (!isRefused) seen.broken.push(`I6: not refused: ${result.stderr}`)
  for (let round = 1; result.exitCode !== 0 && round <= mostRounds; round += 1) {
    const commands = commandsOf(nextOf(result))
    seen.broken.push(...(await obey(world, commands)))
    seen.obeyed.push(...commands)
    seen.events.push(...wordsOfPerson(commands))
    for (const level of levels) await level.personsCure?.(world)
    result = await callSko(world, seen, refusals.length > 0, exportedBy(seen.obeyed))
  }
  seen.broken.push(...(await takeBack(world, seen.obeyed)))
  const next = nextOf(result).join(' | ')
  if (result.exitCode !== 0) seen.broken.push(`I6: exit ${result.exitCode} after ${mostRounds} rounds: ${next}`)
  const { events, broken } = seen
  return [
    ...broken,
    ...(await lostBytes(world)),
    ...(await uncovered(world, events)),
    ...(result.exitCode === 0 ? await notVerified(world) : []),
    ...(await leftBehind(world, before)),
  ]
}

interface Seen {
  /** Of all calls of sko. */
  readonly events: LoggedEvent[]
  readonly broken: string[]
  /** Printed commands that were run. */
  readonly obeyed: string[]
}

/** Starts the mission, or resumes it, and looks at what the call itself says. */
async function callSko(
  world: CellWorld,
  { events, broken }: Seen,
  cured: boolean,
  exported: Readonly<Record<string, string>> = {},
): Promise<SkoResult> {
  const turns = world.turns().length
  const begun = events.some(event => event.type === 'run-started')
  const result = await world.sko(begun ? ['resume'] : ['orchestrate', '--mission', world.mission], cured, exported)
  events.push(...result.events())
  broken.push(
    ...(await notAsSaid(world, result, events)),
    ...misnamed(world, result),
    ...notReported(result, result.events()),
    ...tooMany(world, world.turns().slice(turns)),
  )
  return result
}
