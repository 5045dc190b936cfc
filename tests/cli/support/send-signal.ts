import { expect } from 'vitest'
import { readRunLock } from '../../../src/state/run-lock.ts'
import { loadRunState } from '../../../src/state/state-file.ts'
import { patienceMs } from '../../patience.ts'
import { processesWithMarker } from './leaks.ts'
import { runSko, startSko } from './run-sko.ts'
import { createScenario, lanesOf, type Scenario, until } from './scenario.ts'
import { oneWorkPackage, type SignalPhase } from './signal-phases.ts'

export const graceSeconds = 5

/** How a run is asked to end, and what it has to answer. */
export interface SignalWay {
  readonly name: string
  readonly signal: NodeJS.Signals
  readonly again: boolean
  readonly exitCode: number
}

export const signalWays: readonly SignalWay[] = [
  { name: 'Ctrl+C', signal: 'SIGINT', again: false, exitCode: 130 },
  { name: 'Ctrl+C twice', signal: 'SIGINT', again: true, exitCode: 130 },
  { name: 'TERM', signal: 'SIGTERM', again: false, exitCode: 143 },
  { name: 'HUP', signal: 'SIGHUP', again: false, exitCode: 129 },
]

/** What came of it; all but the time is the same for every phase and way. */
export interface Signaled {
  readonly phase: string
  readonly way: string
  readonly exitCode: number | null
  readonly survivors: readonly string[]
  readonly stateReadable: boolean
  readonly lockFree: boolean
  /** From the signal, or from the second one, to the end of sko. */
  readonly elapsedMs: number
}

/** From 300 ms on a further signal is a second wish. */
const sameWishMs = 300

/** Takes a run into the phase, ends it this way, and looks at what is left. */
export async function signalIn(phase: SignalPhase, way: SignalWay): Promise<Signaled & { readonly mission: Scenario }> {
  const mission = await createScenario(oneWorkPackage)
  await phase.arrange(mission)
  const sko = startSko(mission, ['orchestrate', '--mission', mission.slug], { timeoutMs: 2 * patienceMs })
  await phase.reach(mission, sko)
  let askedAt = performance.now()
  sko.kill(way.signal)
  if (!phase.before) {
    const { at } = await sko.waitForEvent(event => event.type === 'stopping', patienceMs)
    if (way.again) {
      await until('a second wish', () => Date.now() - Date.parse(at) > sameWishMs + 20)
      askedAt = performance.now()
      sko.kill(way.signal)
    } else await phase.letGo?.(mission)
  }
  const { exitCode } = await sko.exited
  const elapsedMs = Math.round(performance.now() - askedAt)
  await phase.letGo?.(mission)
  return {
    mission,
    phase: phase.name,
    way: way.name,
    exitCode,
    survivors: await survivorsOf(mission),
    stateReadable: (await loadRunState(kittify(mission))).kind === (phase.before ? 'none' : 'loaded'),
    lockFree: readRunLock(kittify(mission)) === null,
    elapsedMs,
  }
}

/** What the run had promised. */
export function expectAsPromised(results: readonly Signaled[]): void {
  const ways = new Map(signalWays.map(way => [way.name, way.exitCode]))
  expect(results).toEqual(
    results.map(({ phase, way, elapsedMs }) => ({
      phase,
      way,
      exitCode: ways.get(way),
      survivors: [],
      stateReadable: true,
      lockFree: true,
      elapsedMs,
    })),
  )
}

export async function expectResumed(mission: Scenario): Promise<void> {
  const { exitCode, stderr } = await runSko(mission, ['resume'])
  expect([exitCode, stderr, await lanesOf(mission)]).toEqual([0, '', { WP01: 'approved' }])
}

/** A killed process takes a moment to go, and so does a call that was left to end by itself. */
async function survivorsOf(mission: Scenario): Promise<readonly string[]> {
  const left = () => processesWithMarker('SKO_REPO', mission.repo)
  await until('the end of all', () => left().length === 0, 2_000).catch(() => undefined)
  return left().map(({ command }) => command)
}

const kittify = (mission: Scenario) => `${mission.repo}/.kittify`
