import { afterAll, describe, expect, it } from 'vitest'
import {
  expectAsPromised,
  expectResumed,
  graceSeconds,
  type Signaled,
  signalIn,
  signalWays,
} from '../cli/support/send-signal.ts'
import { signalPhases } from '../cli/support/signal-phases.ts'

const all: Signaled[] = []

describe('a signal in every phase of a run', () => {
  it.each(signalPhases)('$name', { timeout: 240_000 }, async phase => {
    const results = await Promise.all(signalWays.map(way => signalIn(phase, way)))

    all.push(...results)
    expectAsPromised(results.map(({ mission: _, ...result }) => result))
    const [once] = results
    if (phase.resumes && once) await expectResumed(once.mission)
  })

  it('takes so long', () => {
    for (const way of signalWays) {
      const times = all.filter(result => result.way === way.name).map(({ elapsedMs }) => elapsedMs)
      console.log(`${way.name.padEnd(12)} ${times.length} runs: ${figures(times)}`)
    }
    const once = all.filter(({ way }) => way !== 'Ctrl+C twice').map(({ elapsedMs }) => elapsedMs)
    console.log(`all but twice ${once.length} runs: ${figures(once)}`)
    expect(at(once, 0.95)).toBeLessThan((graceSeconds + 2) * 1000)
  })
})

function figures(times: readonly number[]): string {
  return `p50 ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms, max ${at(times, 1)} ms`
}

/** The smallest time that this share of all does not exceed. */
function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0
}

afterAll(() => {
  for (const { phase, way, exitCode, elapsedMs } of all)
    console.log(`${phase} | ${way} | ${exitCode} | ${elapsedMs} ms`)
})
