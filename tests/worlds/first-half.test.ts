import { expect, it } from 'vitest'
import { cellsToRun } from './cells.ts'
import { runHalf } from './half.ts'

it('has cells', () => {
  expect(cellsToRun().length).toBeGreaterThan(0)
})

runHalf(0)
