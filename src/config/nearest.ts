/** The most similar name, or null: up to a third of the letters may differ, or a prefix or suffix be missing. */
export function nearestName(name: string, names: readonly string[]): string | null {
  const given = name.slice(0, 100).toLowerCase().replaceAll('-', '_')
  const ranked = names
    .map(candidate => ({ candidate, distance: distanceOf(given, candidate.toLowerCase().replaceAll('-', '_')) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.distance - b.distance)
  return ranked[0]?.candidate ?? null
}

function distanceOf(given: string, candidate: string): number {
  if (given.length >= 3 && (candidate.startsWith(given) || given.startsWith(candidate))) return 1
  return editDistance(given, candidate)
}

/** The number of letters to insert, delete, replace, or swap with a neighbour (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current: number[] = [row]
    for (let column = 1; column <= b.length; column++) {
      const at = (line: readonly number[], index: number) => line[index] ?? Number.POSITIVE_INFINITY
      const replaced = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      current.push(
        Math.min(
          at(current, column - 1) + 1,
          at(last, column) + 1,
          replaced,
          swapped ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[b.length] ?? 0
}
