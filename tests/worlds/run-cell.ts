import type { LoggedEvent, SkoResult } from '../cli/support/run-sko.ts'
import type { Level } from './level.ts'
import { tooMany } from './look/bounds.ts'
import { lostBytes } from './look/bytes.ts'
import { uncovered } from './look/coverage.ts'
import { commandsOf, nextOf, notReported, obey } from './look/cure.ts'
import { leftBehind, listing } from './look/leftovers.ts'
import { misnamed } from './look/names.ts'
import { notAsSaid } from './look/outcome.ts'
import { buildWorld, type CellWorld } from './world.ts'

/** After so many rounds of obeying what sko prints, the mission must be finished. */
const mostRounds = 4

/** Runs the mission in the world of these levels until it is finished. Returns every breach of an invariant. */
export async function runCell(levels: readonly Level[]): Promise<readonly string[]> {
  const world = await buildWorld(levels)
  const before = listing(world)
  const broken: string[] = []
  const all: LoggedEvent[] = []
  let result = await callSko(world, ['orchestrate', '--mission', world.mission], all, broken)
  broken.push(...refusal(levels, result))
  for (let round = 1; result.exitCode !== 0 && round <= mostRounds; round += 1) {
    const commands = commandsOf(nextOf(result))
    broken.push(...(await obey(world, commands)))
    for (const level of levels) await level.personsCure?.(world)
    const begun = all.some(event => event.type === 'run-started')
    result = await callSko(world, begun ? ['resume'] : ['orchestrate', '--mission', world.mission], all, broken)
  }
  if (result.exitCode !== 0) {
    broken.push(
      `I6: still exit ${result.exitCode} after ${mostRounds} rounds of what is printed: ${nextOf(result).join(' | ')}`,
    )
  }
  broken.push(...(await lostBytes(world)), ...(await uncovered(world, all)), ...(await leftBehind(world, before)))
  return broken
}

async function callSko(
  world: CellWorld,
  args: readonly string[],
  all: LoggedEvent[],
  broken: string[],
): Promise<SkoResult> {
  const turns = world.turns().length
  const result = await world.sko(...args)
  const events = result.events()
  all.push(...events)
  broken.push(
    ...(await notAsSaid(world, result, all)),
    ...misnamed(world, result),
    ...notReported(result, events),
    ...tooMany(world, world.turns().slice(turns)),
  )
  return result
}

/** A start that must be refused is, in the words that fit. */
function refusal(levels: readonly Level[], { exitCode, stderr }: SkoResult): readonly string[] {
  return levels.flatMap(({ name, refused }) => {
    if (!refused) return []
    if (exitCode === 0 || !refused.says.test(stderr)) return [`I6: ${name} is not refused: exit ${exitCode}, ${stderr}`]
    return refused.cure.test(stderr) ? [] : [`I6: ${name} is refused without a cure: ${stderr}`]
  })
}
