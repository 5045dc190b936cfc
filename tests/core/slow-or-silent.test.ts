import { describe, expect, it } from 'vitest'
import { beginLife, judge, type LifeLimits, type Liveness, stretchMs } from '../../src/core/agent/liveness.ts'
import { seededRandom } from '../run/fakes/virtual-time.ts'

const hour = 3_600_000
const limits: LifeLimits = { timeoutMs: 3 * hour, inactivityMs: 900_000, idleShare: 0.03 }
const signs = ['prints', 'computes', 'writes'] as const

/** Moments in milliseconds since the agent began. */
interface Agent {
  readonly sign: (typeof signs)[number]
  readonly moments: readonly number[]
}

/** Of one sign only, at intervals of any length below the limit, most of them long, until `endMs`. */
function agentUntil(endMs: number, number: number, random: () => number): Agent {
  const moments: number[] = []
  for (let at = 0; at < endMs; at += limits.inactivityMs * (1 - random() ** 3)) moments.push(at)
  return { sign: signs[number % signs.length] ?? 'prints', moments }
}

interface Ending {
  readonly verdict: 'stalled' | 'timed-out'
  readonly atMs: number
  readonly warnings: readonly number[]
}

const burstMs = 500

/** The watch as it runs on a busy machine: every pause ends late, the clock is set now and then, the agent idles. */
function watch({ sign, moments }: Agent, random: () => number, clock = (_: number) => 0): Ending {
  const wallAt = (ms: number) => Date.UTC(2026, 0, 1) + ms + clock(ms)
  const warnings: number[] = []
  let state: Liveness = beginLife(wallAt(0))
  let first = 0
  for (let from = 0; ; ) {
    const askedMs = stretchMs(state, limits)
    const tookMs = askedMs + random() * (random() < 0.02 ? 400 : 40)
    const to = from + tookMs
    while ((moments[first + 1] ?? to) < from - burstMs) first++
    const shown = moments.slice(first, first + 3).filter(at => at <= to && at + burstMs > from)
    const burst = shown.reduce((sum, at) => sum + Math.min(to, at + burstMs) - Math.max(from, at), 0)
    const idle = (tookMs / 1000) * limits.idleShare * random()
    const stretch = {
      ...{ askedMs, tookMs, wallMs: wallAt(to), writtenAtMs: null },
      outputGrew: sign === 'prints' && shown.some(at => at > from),
      cpuSeconds: idle + (sign === 'computes' ? burst / 1000 : 0),
    }
    let judged = judge(state, stretch, limits)
    if (sign === 'writes' && (judged.verdict === 'warn' || judged.verdict === 'stalled')) {
      const written = Math.max(
        ...moments
          .slice(0, first + 3)
          .filter(at => at <= to)
          .map(wallAt),
      )
      const isNewer = written > judged.state.quietSinceMs
      judged = judge(state, { ...stretch, writtenAtMs: isNewer ? written : null }, limits)
    }
    from = to
    state = judged.state
    if (judged.verdict === 'warn') warnings.push(to)
    if (judged.verdict === 'stalled' || judged.verdict === 'timed-out') {
      return { verdict: judged.verdict, atMs: to, warnings }
    }
  }
}

const fifty = Array.from({ length: 50 }, (_, number) => number)

describe('of fifty agents, each with one sign of life', () => {
  it('that are slow but busy for three hours none is stopped', () => {
    const stopped = fifty.filter(number => {
      const random = seededRandom(number)
      return watch(agentUntil(3 * hour, number, random), random).verdict === 'stalled'
    })
    expect(stopped).toEqual([])
  })

  it('none is stopped because the clock is set four times an hour, by up to two hours', () => {
    const stopped = fifty.filter(number => {
      const random = seededRandom(number)
      const steps = Array.from({ length: 12 }, () => (random() - 0.5) * 4 * hour)
      const clock = (ms: number) => steps[Math.floor((4 * ms) / hour)] ?? 0
      return watch(agentUntil(3 * hour, number, random), random, clock).verdict === 'stalled'
    })
    expect(stopped).toEqual([])
  })

  it('that fall silent all are stopped within the limit and 5 s, and warned of once at half of it', () => {
    for (const number of fifty) {
      const random = seededRandom(number)
      const agent = agentUntil(random() * hour, number, random)
      const { verdict, atMs, warnings } = watch(agent, random)
      const last = (agent.moments.at(-1) ?? 0) + (agent.sign === 'computes' ? burstMs : 0)
      expect(verdict).toBe('stalled')
      expect(atMs - last).toBeLessThan(limits.inactivityMs + 5000)
      const [warned = 0, ...more] = warnings.map(at => at - last).filter(ms => ms > 0)
      expect(more).toEqual([])
      expect(warned).toBeGreaterThanOrEqual(limits.inactivityMs / 2)
      expect(warned).toBeLessThan(limits.inactivityMs / 2 + 5000)
    }
  })
})
