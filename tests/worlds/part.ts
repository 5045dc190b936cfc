import { expect, it } from 'vitest'
import { cellsToRun, levelsOf, nameOf } from './cells.ts'
import { runCell } from './run-cell.ts'

/** Files run at once; a cell mostly waits, for a look of sko to come round or for an agent. */
const parts = 4

/** Runs every fourth cell. */
export function runPart(number: 1 | 2 | 3 | 4): void {
  // A part of a single cell has none of its own, and a file without a test fails.
  it('has cells', () => {
    expect(cellsToRun().length).toBeGreaterThan(0)
  })
  for (const cell of cellsToRun().filter((_, index) => index % parts === number - 1)) {
    const name = nameOf(cell)
    it(name, async () => {
      const broken = await runCell(levelsOf(cell))
      expect(broken, `again, alone: SKO_CELL='${name}' npm run test:worlds`).toEqual([])
    })
  }
}
