import { expect, it } from 'vitest'
import { findCulprits } from '../../src/self-test/find-culprits.ts'

const all = Array.from({ length: 100 }, (_, number) => number)

it.each([
  ['none', [], []],
  ['one', [[37]], [[37]]],
  ['the first and the last', [[0], [99]], [[0], [99]]],
  ['two beside one another', [[50], [51]], [[50], [51]]],
])('finds %s', async (_, guilty, expected) => {
  const differs = async (subset: readonly number[]) => guilty.some(group => group.every(one => subset.includes(one)))
  expect(await findCulprits(all, differs)).toEqual(expected)
})

it('asks about few subsets, and names them all where only two together do it', async () => {
  const asked: (readonly number[])[] = []
  const differs = async (subset: readonly number[]) => {
    asked.push(subset)
    return subset.includes(37)
  }
  await findCulprits(all, differs)
  expect(asked.length).toBeLessThan(12)
  const together = async (subset: readonly number[]) => subset.includes(3) && subset.includes(90)
  expect(await findCulprits(all, together)).toEqual([all])
})
