import { expect, it } from 'vitest'
import { cellsToRun, levelsOf, nameOf } from './cells.ts'
import { runCell } from './run-cell.ts'

/** Two files run at once, each with every second cell. */
export function runHalf(remainder: 0 | 1): void {
  for (const cell of cellsToRun().filter((_, index) => index % 2 === remainder)) {
    const name = nameOf(cell)
    it(name, async () => {
      const broken = await runCell(levelsOf(cell))
      expect(broken, `again, alone: SKO_CELL='${name}' npm run test:worlds`).toEqual([])
    })
  }
}
