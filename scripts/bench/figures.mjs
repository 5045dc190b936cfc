// Medians, and what they are compared with.

/** The median, the least and the most; null: nothing was measured. */
export function spreadOf(numbers) {
  const known = numbers.filter(number => typeof number === 'number').toSorted((a, b) => a - b)
  if (known.length === 0) return null
  const middle = known.length / 2
  const median = Number.isInteger(middle) ? (known[middle - 1] + known[middle]) / 2 : known[Math.floor(middle)]
  return { median, least: known[0], most: known.at(-1), count: known.length }
}

/** A spread of one figure over the runs of a shape and a variant. */
export function figureOf(results, shape, variant, of) {
  return spreadOf(results.runs.filter(run => run.shape === shape && run.variant === variant).map(of))
}

export const figures = {
  wall: run => run.wallSeconds,
  calls: run => Object.values(run.calls).reduce((sum, count) => sum + count, 0),
  own: run => run.ownCpuSeconds,
  host: run => run.hostCpuSeconds,
  rest: run =>
    run.ownCpuSeconds === null || run.hostCpuSeconds === null
      ? null
      : run.totalCpuSeconds - run.ownCpuSeconds - run.hostCpuSeconds,
  ownPeak: run => run.ownPeakMb,
  helperPeak: run => run.helperPeakMb,
  limit: run => run.limitSeconds,
  share: run => (run.limitSeconds === null ? null : run.limitSeconds / run.wallSeconds),
}

/** The median against that of the reference; null: one of them is missing. */
export function ratioOf(results, shape, variant) {
  const [one, other] = [variant, 'reference'].map(name => figureOf(results, shape, name, figures.wall))
  return one && other ? one.median / other.median : null
}

/** Benches that were made at different times as one. The commit of sko means nothing to runs of the reference. */
export function joined(benches) {
  if (benches.length === 0) throw new Error('--join takes the files to join')
  const [first] = benches
  const ofSko = benches.filter(bench => bench.runs.some(run => run.variant !== 'reference'))
  const place = ({ machine, versions: { sko: _, ...versions } }) => [machine.model, machine.cores, versions]
  requireSame(benches, place)
  requireSame(ofSko, bench => bench.versions.sko)
  return {
    ...(ofSko[0] ?? first),
    command: benches.map(bench => bench.command).join('` and `'),
    runs: benches.flatMap(bench => bench.runs),
  }
}

function requireSame(benches, of) {
  const [first, ...others] = benches
  const other = others.find(bench => JSON.stringify(of(bench)) !== JSON.stringify(of(first)))
  if (other)
    throw new Error(`not of the same machine and versions: the benches of ${first.startedAt} and ${other.startedAt}`)
}
