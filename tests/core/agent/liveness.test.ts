import { describe, expect, it } from 'vitest'
import {
  beginLife,
  judge,
  type LifeLimits,
  type LifeVerdict,
  type Liveness,
  type Stretch,
  stretchMs,
} from '../../../src/core/agent/liveness.ts'

const limits: LifeLimits = { timeoutMs: 3_600_000, inactivityMs: 900_000, idleShare: 0.03 }
const wall = Date.parse('2026-11-21T10:00:00.000Z')

const still = { askedMs: 4000, tookMs: 4000, outputGrew: false, cpuSeconds: 0, writtenAtMs: null } as const

/** As it is when nothing happened for so long. */
const quietFor = (seconds: number, more: Partial<Liveness> = {}): Liveness => ({
  ranMs: 1_000_000,
  quietMs: seconds * 1000,
  quietSinceMs: wall,
  warned: seconds >= 450,
  ...more,
})
const next = (state: Liveness, stretch: Partial<Stretch>) =>
  judge(state, { ...still, wallMs: wall + state.quietMs + (stretch.tookMs ?? 4000), ...stretch }, limits)

describe('judge', () => {
  it.each<[string, Liveness, Partial<Stretch>, LifeVerdict, Partial<Liveness>]>([
    ['a little silence', quietFor(100), {}, 'go-on', { quietMs: 104_000 }],
    ['half of the limit', quietFor(446), {}, 'warn', { quietMs: 450_000, warned: true }],
    ['more than half, warned already', quietFor(450), {}, 'go-on', { quietMs: 454_000 }],
    ['the limit', quietFor(896), {}, 'stalled', { quietMs: 900_000 }],
    ['the limit, but it printed', quietFor(896), { outputGrew: true }, 'go-on', { quietMs: 0, warned: false }],
    ['the limit, but it computed', quietFor(896), { cpuSeconds: 0.121 }, 'go-on', { quietMs: 0, warned: false }],
    ['the limit, and what it computed is idleness', quietFor(896), { cpuSeconds: 0.12 }, 'stalled', {}],
    ['the limit, but it wrote', quietFor(896), { writtenAtMs: wall + 600_000 }, 'go-on', { quietMs: 300_000 }],
    ['half, but it wrote', quietFor(446), { writtenAtMs: wall + 440_000 }, 'go-on', { quietMs: 10_000 }],
    ['the limit, and it wrote early', quietFor(896), { writtenAtMs: wall + 400_000 }, 'warn', { quietMs: 500_000 }],
    ['the limit, and it wrote before the silence', quietFor(896), { writtenAtMs: wall }, 'stalled', {}],
    [
      'a silence, and it wrote before that',
      quietFor(100),
      { writtenAtMs: wall - 50_000 },
      'go-on',
      { quietMs: 104_000 },
    ],
    ['more than half, and it wrote as that began', quietFor(460), { writtenAtMs: wall }, 'go-on', { quietMs: 464_000 }],
    ['the timeout', quietFor(8, { ranMs: 3_596_000 }), { outputGrew: true }, 'timed-out', { ranMs: 3_600_000 }],
    ['timeout and limit at once', quietFor(896, { ranMs: 3_596_000 }), {}, 'timed-out', {}],
    ['a pause that ended a little late', quietFor(896), { tookMs: 5500 }, 'stalled', { quietMs: 901_500 }],
    ['an hour in which we were stopped', quietFor(100), { tookMs: 3_600_000 }, 'go-on', { quietMs: 106_000 }],
    ['an hour in which we were stopped', quietFor(100), { tookMs: 3_600_000 }, 'go-on', { ranMs: 1_006_000 }],
    ['a machine on which all ends late', quietFor(890), { tookMs: 9000 }, 'go-on', { quietMs: 896_000 }],
  ])('%s', (_, before, stretch, verdict, after) => {
    expect(next(before, stretch)).toMatchObject({ verdict, state: after })
  })

  it('warns once per silence, and again after a new one', () => {
    const heard: string[] = []
    let state = beginLife(wall)
    for (let at = 4; at <= 1780; at += 4) {
      const outputGrew = at === 880
      const judged = judge(state, { ...still, wallMs: wall + at * 1000, outputGrew }, limits)
      if (judged.verdict !== 'go-on') heard.push(`${judged.verdict} at ${at}`)
      state = judged.state
    }
    expect(heard).toEqual(['warn at 452', 'warn at 1332', 'stalled at 1780'])
  })
})

describe('the wall clock', () => {
  const hour = 3_600_000
  // The silence began 400 s before; then the clock is set, and 50 s later the agent is looked at again.
  const jumped = (jumpMs: number, writtenAtMs: number) =>
    next(quietFor(446), { wallMs: wall + 450_000 + jumpMs, writtenAtMs })

  it.each([
    ['set forward, written before that', hour, wall + 300_000, 150_000],
    ['set forward, written after it', hour, wall + hour + 440_000, 0],
    ['set back, written before that', -hour, wall + 300_000, 0],
    ['set back, written after it', -hour, wall - hour + 440_000, 10_000],
    ['rounded', -900, wall + 300_000, 150_000],
    ['rounded by a second', -1000, wall + 300_000, 150_000],
  ])('%s: the silence is never longer than it was', (_, jumpMs, writtenAtMs, quietMs) => {
    expect(jumped(jumpMs, writtenAtMs)).toMatchObject({ verdict: 'go-on', state: { quietMs } })
  })

  it('is not heeded where nothing is written: a silent agent ends in time', () => {
    for (const jumpMs of [-hour, hour]) {
      expect(next(quietFor(896), { wallMs: wall + 900_000 + jumpMs })).toMatchObject({ verdict: 'stalled' })
    }
  })

  it('a write is counted once, however the clock is read', () => {
    const { state } = next(quietFor(446), { writtenAtMs: wall + 0.4 })
    const rounded = { ...still, wallMs: wall + 453_999, writtenAtMs: wall + 0.4 }
    expect(judge(state, rounded, limits)).toMatchObject({ verdict: 'warn', state: { quietSinceMs: wall + 0.4 } })
  })
})

describe('stretchMs', () => {
  it.each([
    ['at the beginning', 900, quietFor(0), 4000 * (112.5 / 113)],
    ['right before half', 900, quietFor(449), 1000],
    ['at half', 900, quietFor(450), 450_000 / 113],
    ['right after half', 900, quietFor(451), (4000 * 112.25) / 113],
    ['with a limit of seconds', 3, quietFor(0), 750],
    ['before the timeout', 900, quietFor(0, { ranMs: 3_599_000 }), 1000],
  ])('%s', (_, inactivitySeconds, state, expected) => {
    expect(stretchMs(state, { ...limits, inactivityMs: inactivitySeconds * 1000 })).toBeCloseTo(expected)
  })
})
