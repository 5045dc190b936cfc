import { describe, expect, it } from 'vitest'
import { type CooldownKey, cooldownKey } from '../../../src/core/agent/cooldown.ts'
import { type CarefulStart, createCarefulStart } from '../../../src/run/attempts/careful-start.ts'
import { createVirtualTime, type VirtualTime } from '../fakes/virtual-time.ts'
import { agent } from '../fakes.ts'

const key = cooldownKey(agent('ada'), null)

interface Bench {
  readonly time: VirtualTime
  readonly careful: CarefulStart
  readonly stop: AbortController
  /** Seconds after the beginning at which each attempt was started. */
  readonly starts: number[]
  attempt(seconds: number, end?: 'proved' | 'refused' | 'nothing' | 'thrown', of?: CooldownKey): Promise<void>
  all(...attempts: readonly Promise<void>[]): Promise<readonly string[]>
}

function bench(): Bench {
  const time = createVirtualTime(() => 0.5)
  const careful = createCarefulStart(time.clock)
  const stop = new AbortController()
  const starts: number[] = []
  const began = time.clock.now()
  return {
    time,
    careful,
    stop,
    starts,
    attempt: (seconds, end = 'nothing', of = key) =>
      careful.begin(of, stop.signal, async () => {
        const startedAt = time.clock.now()
        starts.push((startedAt - began) / 1000)
        await time.delay(seconds * 1000, stop.signal)
        if (end === 'proved') careful.proved(of, startedAt)
        if (end === 'refused') careful.refused(of)
        if (end === 'thrown') throw new Error('it broke')
      }),
    all: async (...attempts) => {
      const results = await time.drive(Promise.allSettled(attempts))
      return results.map(({ status }) => status)
    },
  }
}

describe('a careful start', () => {
  it('lets the others begin when the first has lived 5 s', async () => {
    const { attempt, all, starts } = bench()
    await all(attempt(60), attempt(60), attempt(60))
    expect(starts).toEqual([0, 5, 5])
  })

  it('lets them begin as soon as the first has succeeded', async () => {
    const { attempt, all, starts } = bench()
    await all(attempt(2, 'proved'), attempt(60), attempt(60))
    expect(starts).toEqual([0, 2, 2])
  })

  it('hands the question on where the first ended without an answer, however it ended', async () => {
    const { attempt, all, starts } = bench()
    expect(await all(attempt(1, 'thrown'), attempt(2, 'refused'), attempt(3), attempt(60), attempt(60))).toEqual([
      'rejected',
      ...Array(4).fill('fulfilled'),
    ])
    expect(starts).toEqual([0, 1, 3, 6, 11])
  })

  it('asks nothing of one that has proved to work, until it is refused', async () => {
    const { attempt, all, starts } = bench()
    await all(attempt(60))
    starts.length = 0
    await all(attempt(60), attempt(9, 'refused'), attempt(60))
    expect(starts).toEqual([60, 60, 60])
    await all(attempt(60), attempt(60))
    expect(starts.slice(3)).toEqual([120, 125])
  })

  it('learns nothing from an attempt that began before the refusal', async () => {
    const { attempt, all, careful, time, starts } = bench()
    await all(attempt(1, 'proved'))
    await all(attempt(3, 'refused'), attempt(4, 'proved'))
    careful.proved(key, time.clock.now() - 4_000)
    await all(attempt(60), attempt(60))
    expect(starts).toEqual([0, 1, 1, 5, 10])
  })

  it('is not proved by 5 s of an attempt that was refused in the meantime', async () => {
    const { attempt, all, careful, time, starts } = bench()
    const refusal = time.delay(4_000).then(() => careful.refused(key))
    await all(attempt(60), attempt(60), attempt(60), refusal)
    expect(starts).toEqual([0, 5, 10])
  })

  it('keeps agents and models apart', async () => {
    const { attempt, all, starts } = bench()
    const others = [cooldownKey(agent('ada'), 'big'), cooldownKey(agent('bob'), null)]
    await all(attempt(60), ...others.map(other => attempt(60, 'nothing', other)))
    expect(starts).toEqual([0, 0, 0])
  })

  it('lets all go at once when the run stops', async () => {
    const { attempt, all, starts, stop, time } = bench()
    const stopped = time.delay(2_000).then(() => stop.abort())
    await all(attempt(60), attempt(60), attempt(60), stopped)
    expect(starts).toEqual([0, 2, 2])
    expect(await all(attempt(60))).toEqual(['fulfilled'])
  })
})
