import { describe, expect, it } from 'vitest'
import { cooldownEnd } from '../../src/core/cooldown.ts'
import type { FailureClass } from '../../src/core/failure.ts'
import { now } from './samples.ts'

function seconds(failureClass: FailureClass, inARow: number, jitter = 0, resetAt?: string): number {
  const failure = { class: failureClass, detail: '', ...(resetAt ? { resetAt } : {}) }
  return (cooldownEnd(failure, inARow, now, jitter) - now) / 1000
}

describe('cooldownEnd', () => {
  it.each([
    ['usage-limit', 0, 900],
    ['usage-limit', 1, 1800],
    ['usage-limit', 2, 3600],
    ['usage-limit', 3, 3600],
    ['rate-limit', 0, 60],
    ['rate-limit', 4, 960],
    ['rate-limit', 5, 1800],
    ['overloaded', 0, 15],
    ['network', 3, 120],
    ['network', 1_000_000, 600],
    ['crashed', 0, 60],
  ] as const)('%s, %i before it: %i s', (failureClass, inARow, expected) => {
    expect(seconds(failureClass, inARow)).toBe(expected)
  })

  it('adds at most a quarter, so that not all come back at once', () => {
    expect(seconds('rate-limit', 0, 0.5)).toBe(67.5)
    expect(seconds('rate-limit', 0, 0.999)).toBeLessThan(75)
  })

  it('follows the reset that was stated, and a little more', () => {
    expect(seconds('usage-limit', 9, 0.9, new Date(now + 5 * 3600_000).toISOString())).toBe(5 * 3600 + 2)
  })

  it.each([[new Date(now - 1000).toISOString()], ['soon'], ['']])('takes %j for no reset at all', resetAt => {
    expect(seconds('rate-limit', 0, 0, resetAt)).toBe(60)
  })
})
