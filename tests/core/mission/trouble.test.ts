import { describe, expect, it } from 'vitest'
import { hasLasted, type Trouble, troubleAfter } from '../../../src/core/mission/trouble.ts'

const start = Date.UTC(2026, 0, 1)

/** The same trouble, each time asked again when it is time. */
function met(times: number): Trouble {
  let trouble = troubleAfter(undefined, 'claim', 'locked', start)
  for (let n = 1; n < times; n += 1) trouble = troubleAfter(trouble, 'claim', 'locked', trouble.askAgainAt)
  return trouble
}

describe('trouble', () => {
  it('is asked again after pauses that grow to a minute', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 20].map(times => met(times)).map(({ metAt, askAgainAt }) => askAgainAt - metAt)
    expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 60_000])
  })

  it.each([
    [0, 1],
    [5, 2],
    [6, 3],
    [600, 14],
  ])('has lasted %i s once it was met %i times', (seconds, times) => {
    expect(times === 1 || !hasLasted(met(times - 1), seconds)).toBe(true)
    expect(hasLasted(met(times), seconds)).toBe(true)
  })

  it('counts once for each pause, however often it is met before its time', () => {
    for (const at of [start, start + 4_999]) {
      expect(troubleAfter(met(1), 'claim', 'locked still', at)).toEqual({ ...met(1), reason: 'locked still' })
    }
  })

  it('is another one where something else could not be done', () => {
    expect(troubleAfter(met(13), 'submit', 'locked', start)).toMatchObject({ what: 'submit', times: 1 })
  })

  it('continues the time of an earlier one', () => {
    expect(hasLasted(troubleAfter(met(5), 'submit', 'locked', start), 60)).toBe(true)
  })

  it('has lasted the longer, the longer the tries take', () => {
    const tried = troubleAfter(met(1), 'claim', 'locked', start + 60_000, 55_000)
    expect([hasLasted(tried, 60), hasLasted(tried, 61)]).toEqual([true, false])
  })

  it('counts when the clock was set back: it says nothing of how long ago it was met', () => {
    expect(troubleAfter(met(1), 'claim', 'locked', start - 3_600_000)).toMatchObject({
      times: 2,
      askAgainAt: start - 3_600_000 + 10_000,
    })
  })
})
