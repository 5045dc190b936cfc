/**
 * Lanes that are merged into the target together, by their place in the merge order, ascending. Empty: the target
 * alone.
 */
export type LaneSet = readonly number[]

/** What the checks said of the target with these lanes. */
export interface Answer {
  readonly lanes: LaneSet
  readonly green: boolean
}

/** What to do next about lanes that may be red together. */
export type Probe =
  | { readonly kind: 'check'; readonly lanes: LaneSet }
  | { readonly kind: 'green' }
  /** The checks fail without any lane. */
  | { readonly kind: 'target-red' }
  /** The later lane, and the earlier one with which it is red; null: it is red without any other. */
  | { readonly kind: 'guilty'; readonly lane: number; readonly beside: number | null }
  /** No pair explains the answers. */
  | { readonly kind: 'unclear' }

/**
 * The next set of `count` lanes to check, or the result. Adding a lane is taken to make nothing green again, so that
 * binary search works: first over the prefixes of the merge order for the lane that turns them red, then over the lanes
 * before it for the one it is red with. Answers that contradict this end the search.
 */
export function nextProbe(count: number, answers: readonly Answer[]): Probe {
  if (contradict(answers)) return { kind: 'unclear' }
  const prefix = (length: number): LaneSet => Array.from({ length }, (_, lane) => lane)
  const all = prefix(count)
  const whole = knownOf(all, answers)
  if (whole === null) return { kind: 'check', lanes: all }
  if (whole) return { kind: 'green' }
  const red = firstRed(count, prefix, answers)
  if (typeof red !== 'number') return { kind: 'check', lanes: red }
  if (red === 0) return { kind: 'target-red' }
  const lane = red - 1
  const partner = firstRed(lane, length => [...prefix(length), lane], answers)
  if (typeof partner !== 'number') return { kind: 'check', lanes: partner }
  if (partner === 0) return { kind: 'guilty', lane, beside: null }
  const beside = partner - 1
  const pair = [beside, lane]
  const ofPair = knownOf(pair, answers)
  if (ofPair === true) return { kind: 'unclear' }
  // Only a fault of three lanes, or a check that fails now and then, would leave the pair green.
  if (ofPair === null && answers.length < mostProbes(count)) return { kind: 'check', lanes: pair }
  return { kind: 'guilty', lane, beside }
}

/** How many sets are checked at most. One lane takes two: with and without it. */
export function mostProbes(count: number): number {
  return Math.max(2, 2 * Math.ceil(Math.log2(Math.max(1, count))) + 1)
}

/** The smallest length whose set is red, or the set that has to be checked to find it. The set of `most` is red. */
function firstRed(most: number, setOf: (length: number) => LaneSet, answers: readonly Answer[]): number | LaneSet {
  let green = -1
  let red = most
  while (red - green > 1) {
    const middle = Math.ceil((green + red) / 2)
    const known = knownOf(setOf(middle), answers)
    if (known === null) return setOf(middle)
    if (known) green = middle
    else red = middle
  }
  return red
}

/** Also what follows from a larger set that is green, or from a smaller one that is red. */
function knownOf(lanes: LaneSet, answers: readonly Answer[]): boolean | null {
  const says = answers.find(answer => (answer.green ? contains(answer.lanes, lanes) : contains(lanes, answer.lanes)))
  return says?.green ?? null
}

function contradict(answers: readonly Answer[]): boolean {
  const green = answers.filter(answer => answer.green)
  return answers.some(red => !red.green && green.some(({ lanes }) => contains(lanes, red.lanes)))
}

function contains(outer: LaneSet, inner: LaneSet): boolean {
  return inner.every(lane => outer.includes(lane))
}
