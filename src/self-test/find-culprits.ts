/** Each one takes several replays. The rest can be found once these are fixed. */
const mostFound = 5

/**
 * Finds the first few members that make a difference, each alone or, if it takes several together, as a group. Calls
 * `differs` on subsets, about log2(members) times for each one found.
 */
export async function findCulprits<T>(
  members: readonly T[],
  differs: (subset: readonly T[]) => Promise<boolean>,
): Promise<readonly (readonly T[])[]> {
  const found: (readonly T[])[] = []
  let rest = members
  while (found.length < mostFound && rest.length > 0 && (await differs(rest))) {
    const alone = [await lastHalfLeft(rest, differs)]
    // It may take more than one; then the member that is left after halving proves nothing.
    const culprits = rest.length > 1 && (await differs(alone)) ? alone : rest
    found.push(culprits)
    rest = rest.filter(member => !culprits.includes(member))
  }
  return found
}

/**
 * Halves until one is left: keeps the first half if it makes a difference, else takes the second half without asking.
 */
async function lastHalfLeft<T>(members: readonly T[], differs: (subset: readonly T[]) => Promise<boolean>): Promise<T> {
  let left = members
  while (left.length > 1) {
    const first = left.slice(0, Math.ceil(left.length / 2))
    left = (await differs(first)) ? first : left.slice(first.length)
  }
  const [culprit] = left
  if (culprit === undefined) throw new Error('none of no members can make a difference')
  return culprit
}
