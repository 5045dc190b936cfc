import { expect, it } from 'vitest'
import { quickLevels } from './cells.ts'
import { levelCover, pairsIn, pairwiseCover } from './pairwise.ts'
import { runPart } from './part.ts'

it('lets every two levels of different factors meet', () => {
  const table = quickLevels()
  const met = new Set(pairwiseCover(table).flatMap(pairsIn))
  const sizes: readonly number[] = Object.values(table).map(levels => levels.length)
  const all = sizes.flatMap((one, index) => sizes.slice(index + 1).map(other => one * other))
  expect(met.size).toBe(all.reduce((sum, product) => sum + product, 0))
})

it('has each level in one of the few cells of every change', () => {
  const table = quickLevels()
  const few = levelCover(pairwiseCover(table))
  for (const [factor, levels] of Object.entries(table)) {
    expect(levels.filter(level => few.every(cell => cell[factor] !== level))).toEqual([])
  }
})

runPart(2)
