import { describe, expect, it } from 'vitest'
import { cooldownEnd, cooldownKey, isCooldownKey } from '../../../src/core/agent/cooldown.ts'
import type { FailureClass } from '../../../src/core/agent/failure.ts'
import { ada, now } from '../samples.ts'

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

  it.each([
    [0, 22],
    [1, 22],
    [2, 60],
    [3, 120],
    [7, 1800],
    [40, 1800],
  ])('with a reset that is always 20 s ahead, after %i of them in a row: %i s', (inARow, expected) => {
    expect(seconds('usage-limit', inARow, 0, new Date(now + 20_000).toISOString())).toBe(expected)
  })

  it.each([[new Date(now - 1000).toISOString()], [new Date(now).toISOString()], ['soon'], ['']])(
    'takes %j for no reset at all',
    resetAt => {
      expect(seconds('rate-limit', 0, 0, resetAt)).toBe(60)
    },
  )
})

it.each([
  [null, 'ada'],
  ['gpt-5', 'ada/gpt-5'],
  ['openrouter/some/model:free', 'ada/openrouter/some/model:free'],
])('the key of model %s is %s', (model, expected) => {
  const key = cooldownKey(ada, model)
  expect(key).toBe(expected)
  expect(isCooldownKey(key)).toBe(true)
})

it.each(['', '/gpt-5', 'Ada', '../ada', 'a b/gpt-5'])('%j is no key', text => {
  expect(isCooldownKey(text)).toBe(false)
})

it('believes a reset that has come since the attempt began, and none from before it', () => {
  const now = Date.parse('2026-01-01T10:00:10Z')
  const since = now - 8_000
  const stated = (resetAt: string) => ({ class: 'usage-limit', detail: 'used up', resetAt }) as const
  expect(cooldownEnd(stated('2026-01-01T10:00:05Z'), 0, now, 0, since)).toBe(now)
  expect(cooldownEnd(stated('2026-01-01T10:00:01Z'), 0, now, 0, since)).toBe(now + 900_000)
})
