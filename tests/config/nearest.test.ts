import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editDistance, nearestName } from '../../src/config/nearest.ts'

describe('editDistance', () => {
  it.each([
    ['', '', 0],
    ['', 'abc', 3],
    ['abc', 'abc', 0],
    ['kitten', 'sitting', 3],
    ['modle', 'model', 1],
    ['ca', 'abc', 3],
    ['a', 'b', 1],
  ])('%j to %j is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
  })

  it('is the same both ways, and nothing only for equal words', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a))
        expect(editDistance(a, b) === 0).toBe(a === b)
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length))
      }),
    )
  })
})

const names = ['implementation', 'review', 'max_retries', 'timeout_seconds', 'inactivity_seconds', 'settings', 'custom']

describe('nearestName', () => {
  it.each([
    ['max_retrys', 'max_retries'],
    ['max-retries', 'max_retries'],
    ['Max_Retries', 'max_retries'],
    ['timeout', 'timeout_seconds'],
    ['timeout_sec', 'timeout_seconds'],
    ['reveiw', 'review'],
    ['reviewers', 'review'],
    ['setings', 'settings'],
    ['customs', 'custom'],
    ['impl', 'implementation'],
    ['colour', null],
    ['x', null],
    ['', null],
    ['max_retries'.repeat(1000), 'max_retries'],
  ])('%j -> %j', (given, expected) => {
    expect(nearestName(given, names)).toBe(expected)
  })
})
