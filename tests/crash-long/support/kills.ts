import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { copyOf, type KillPoint, nextCommand, runProgram, startProgram, type Template } from './crash-mission.ts'
import { differences, type Outcome, outcomeOf } from './outcome.ts'

/** What one killed mission came to. */
export interface KillResult {
  /** Where it was killed, e.g. `12 spawn host start-implementation WP02 (before)`. */
  readonly killedAt: readonly string[]
  /** Runs after the kills until one of them ended with 0. */
  readonly resumes: number
  /** What differs from the undisturbed run, in words. */
  readonly problems: readonly string[]
  readonly extraAttempts: number
}

export interface Undisturbed {
  readonly points: readonly string[]
  readonly outcome: Outcome
}

/** After a kill one resume is enough; the others are counted, and end what has failed. */
const mostResumes = 4

/** Counts the points of a run that is not killed. */
export async function undisturbedRun(template: Template): Promise<Undisturbed> {
  const mission = await copyOf(template)
  try {
    const list = join(mission.folder, 'points')
    const { exitCode, all } = await startProgram(mission, nextCommand(mission), { count: list })
    if (exitCode !== 0) throw new Error(`the undisturbed run ended with ${exitCode}\n${all}`)
    const outcome = outcomeOf(mission)
    const problems = await differences(mission, outcome)
    if (problems.length > 0) throw new Error(`the undisturbed run: ${problems.join('; ')}`)
    return { points: readFileSync(list, 'utf8').trim().split('\n'), outcome }
  } finally {
    await mission.dispose()
  }
}

/** A new mission, killed at these points one after the other while it lasts, then left in peace until it is done. */
export async function killed(template: Template, kills: readonly KillPoint[], calm: Outcome): Promise<KillResult> {
  const mission = await copyOf(template)
  const killedAt: string[] = []
  let resumes = 0
  let printed = ''
  let done = false
  const step = async (kill: KillPoint | null): Promise<void> => {
    const ended = await runProgram(mission, kill)
    printed = ended.output
    done = ended.exitCode === 0
    if (ended.killedAt !== null) killedAt.push(ended.killedAt)
  }
  for (const kill of kills) {
    await step(kill)
    if (done) break
  }
  while (!done && resumes < mostResumes) {
    resumes += 1
    await step(null)
  }
  const outcome = outcomeOf(mission)
  const problems = [
    ...(done ? [] : [`not done after ${resumes} resumes: ${printed.slice(-2_000)}`]),
    ...(await differences(mission, calm)),
  ]
  if (problems.length === 0) await mission.dispose()
  else problems.push(`kept in ${mission.folder}`)
  return { killedAt, resumes, problems, extraAttempts: outcome.attempts - calm.attempts }
}
