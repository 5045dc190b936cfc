/** Names of the levels of each factor. */
export type Table = Readonly<Record<string, readonly string[]>>
/** One level of each factor. */
export type Cell = Readonly<Record<string, string>>

/**
 * Cells in which every two levels of different factors meet at least once. Greedy and the same every time: each cell
 * begins with the first pair that has not met yet, and takes of each other factor the level that adds most new pairs.
 */
export function pairwiseCover(table: Table): readonly Cell[] {
  const factors = Object.keys(table).toSorted((a, b) => levelsOf(table, b).length - levelsOf(table, a).length)
  const open = new Set(pairsOf(table, factors))
  const cells: Cell[] = []
  for (const pair of open) {
    const cell = grow(table, factors, pair, open)
    for (const met of pairsIn(cell)) open.delete(met)
    cells.push(cell)
  }
  return cells
}

/** Some of the cells, in which each level of them occurs. Greedy: the next one is that with most levels that lack. */
export function levelCover(cells: readonly Cell[]): readonly Cell[] {
  const open = new Set(cells.flatMap(levelsIn))
  const gain = (cell: Cell) => levelsIn(cell).filter(level => open.has(level)).length
  const chosen: Cell[] = []
  while (open.size > 0) {
    const best = cells.reduce((one, other) => (gain(other) > gain(one) ? other : one))
    for (const level of levelsIn(best)) open.delete(level)
    chosen.push(best)
  }
  return chosen
}

function levelsIn(cell: Cell): readonly string[] {
  return Object.entries(cell).map(([factor, level]) => `${factor}=${level}`)
}

/** Pairs of levels in a cell, as text. */
export function pairsIn(cell: Cell): readonly string[] {
  const chosen = Object.entries(cell).toSorted(([a], [b]) => a.localeCompare(b))
  return chosen.flatMap((one, index) => chosen.slice(index + 1).map(other => nameOf(one, other)))
}

function grow(table: Table, factors: readonly string[], pair: string, open: ReadonlySet<string>): Cell {
  const fixed: Cell = Object.fromEntries(pair.split(' & ').map(level => level.split('=')))
  let cell = fixed
  for (const factor of factors) {
    if (factor in cell) continue
    const candidates = levelsOf(table, factor).map(level => ({ ...cell, [factor]: level }))
    const gains = candidates.map(candidate => pairsIn(candidate).filter(met => open.has(met)).length)
    cell = candidates[gains.indexOf(Math.max(...gains))] ?? cell
  }
  return cell
}

function pairsOf(table: Table, factors: readonly string[]): readonly string[] {
  const cellsOfTwo = factors.flatMap((one, index) =>
    factors
      .slice(index + 1)
      .flatMap(other => levelsOf(table, one).flatMap(a => levelsOf(table, other).map(b => ({ [one]: a, [other]: b })))),
  )
  return cellsOfTwo.flatMap(pairsIn)
}

function levelsOf(table: Table, factor: string): readonly string[] {
  return table[factor] ?? []
}

function nameOf(...pair: readonly (readonly [string, string])[]): string {
  return pair.map(([factor, level]) => `${factor}=${level}`).join(' & ')
}
