import { setTimeout as sleep } from 'node:timers/promises'
import { copyOf, nextCommand, startProgram, type Template } from './crash-mission.ts'
import type { KillResult } from './kills.ts'
import { differences, type Outcome, outcomeOf } from './outcome.ts'

export interface RandomKills extends KillResult {
  readonly kills: number
  /** The longest that a process was let live. */
  readonly windowMs: number
}

const shortestMs = 50
const longestMs = 500
/** Where a process needs longer than that for one step, as on a busy machine, no run would ever end: then it is doubled. */
const killsPerWindow = 30
const mostKills = 400

/**
 * Killed again and again until a process ends by itself with 0. The clock begins when the process says that its run has
 * begun, since Node and the checks before it take longer than most of these lives; one in five begins with the process.
 */
export async function killedAtRandom(template: Template, random: () => number, calm: Outcome): Promise<RandomKills> {
  const mission = await copyOf(template)
  let kills = 0
  let windowMs = longestMs
  for (let exitCode: number | null = null; exitCode !== 0 && kills < mostKills; ) {
    windowMs = longestMs * 2 ** Math.floor(kills / killsPerWindow)
    const life = shortestMs + random() * (windowMs - shortestMs)
    const program = startProgram(mission, [...nextCommand(mission), '--json'])
    const ended = program.then(result => result.exitCode ?? null)
    const begun = new Promise<void>(resolve => {
      program.stdout.on('data', (chunk: Buffer) => {
        if (chunk.includes('"run-started"')) resolve()
      })
    })
    if (random() > 0.2) await Promise.race([begun, ended])
    await Promise.race([sleep(life), ended])
    if (program.kill('SIGKILL')) kills += 1
    exitCode = await ended
  }
  const outcome = outcomeOf(mission)
  const problems = [
    ...(kills < mostKills ? [] : [`not done after ${kills} kills`]),
    ...(await differences(mission, calm)),
  ]
  if (problems.length === 0) await mission.dispose()
  else problems.push(`kept in ${mission.folder}`)
  return {
    kills,
    windowMs,
    killedAt: [],
    resumes: kills,
    problems,
    extraAttempts: outcome.attempts - calm.attempts,
  }
}
