import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type RunningSko, startSko } from '../cli/support/run-sko.ts'
import { cover, itInFull } from '../in-full.ts'
import { realHost } from './support/real-host.ts'
import { type RealScenario, realScenario } from './support/scenario.ts'
import type { Shape } from './support/shapes.ts'
import { expectDone } from './support/straight.ts'
import { endedCalls, warmProcesses } from './support/warm-processes.ts'

const victims = ['helper', 'driver', 'call', 'sko'] as const
type Victim = (typeof victims)[number]

/** One alone: `-t 'seed 17 '`. */
const seeds = cover(
  2,
  Array.from({ length: 30 * victims.length }, (_, index) => index),
)
/** Where nothing else runs, most of a run. A driver is waited for from then on, and so is a call. */
const longestDelayMs = 8000
const mostResumes = 3
const patience = { timeoutMs: 300_000 }
const wholeMs = 1_200_000

const rows = seeds.map((seed): [number, Victim] => [seed, victims[seed % victims.length] ?? 'sko'])

it.each(rows)(
  'seed %i kills the %s at a moment, and the mission is done with no step taken twice',
  async (seed, victim) => {
    const scenario = await warmScenario('fork')
    const sko = scenario.start('orchestrate', '--mission', scenario.mission, '--merge', 'merge')
    const hit = await killAfter(delayOf(seed), victim, sko, scenario)
    const ends = [await endOf(sko)]
    while (!ends.at(-1)?.startsWith('0') && ends.length <= mostResumes) {
      // Killed before the run was on disk, which resume says.
      const again = ends.at(-1)?.includes('there is no saved run')
        ? ['orchestrate', '--mission', scenario.mission, '--merge', 'merge']
        : ['resume']
      ends.push(await endOf(startSko(scenario, again, patience)))
    }
    expect([hit, ...ends].at(-1), JSON.stringify({ hit, ends })).toBe('0')
    await expectMerged(scenario)
  },
  wholeMs,
)

itInFull('a helper that is killed at each tenth call is no loss to a mission', async () => {
  for (let call = 10; ; call += 10) {
    const scenario = await warmScenario('diamond')
    const sko = scenario.start('orchestrate', '--mission', scenario.mission, '--merge', 'merge')
    const isHit = await killAtCall(call, sko, scenario)
    expect([call, await endOf(sko)]).toEqual([call, '0'])
    await expectMerged(scenario)
    if (!isHit) return expect(call).toBeGreaterThan(20)
  }
})

function warmScenario(shape: Shape): Promise<RealScenario> {
  return realScenario({ shape, topology: 'coord', config: `host: {command: '${realHost()}'}\n` })
}

/** Returns what was hit; null: the run was over before. */
async function killAfter(
  delayMs: number,
  victim: Victim,
  sko: RunningSko,
  { repo }: RealScenario,
): Promise<string | null> {
  const over = new AbortController()
  void sko.exited.finally(() => over.abort())
  await sleep(delayMs, undefined, { signal: over.signal }).catch(() => undefined)
  for (; !over.signal.aborted; await sleep(2)) {
    const { helpers, calls, drivers } = warmProcesses(repo)
    const [pid] = { helper: helpers, call: calls, driver: drivers, sko: [sko.pid] }[victim]
    if (pid !== undefined && kill(pid)) return `${victim} after ${delayMs} ms`
  }
  return null
}

async function killAtCall(call: number, sko: RunningSko, { repo }: RealScenario): Promise<boolean> {
  let running = true
  void sko.exited.finally(() => {
    running = false
  })
  for (; running; await sleep(2)) {
    if (endedCalls(repo) < call - 1) continue
    const [helper] = warmProcesses(repo).helpers
    if (helper !== undefined) return kill(helper)
  }
  return false
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
}

/** `0`, or with what was printed. */
async function endOf(sko: RunningSko): Promise<string> {
  const { exitCode, signal, stdout, stderr } = await sko.exited
  if (exitCode === 0) return '0'
  return [String(exitCode ?? signal), ...stderr.trim().split('\n'), ...stdout.trim().split('\n').slice(-4)].join(' | ')
}

async function expectMerged(scenario: RealScenario): Promise<void> {
  expectDone(scenario)
  for (const { id } of scenario.workPackages) {
    expect(await scenario.git('show', `work:src/${id}.txt`)).toContain(`${id} implementation attempt`)
  }
}

/** The same for the same seed: the first number of mulberry32. */
function delayOf(seed: number): number {
  const state = (Math.imul(seed + 1, 0x9e3779b1) + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return Math.floor((longestDelayMs * ((mixed ^ (mixed >>> 14)) >>> 0)) / 4_294_967_296)
}
