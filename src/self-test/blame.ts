/** Each takes several looks; what is left is found when these are put right. */
const mostFound = 5

/**
 * The first few members that make a difference, each alone or, where it takes several together, as one group. `differs` is asked
 * about subsets: about the logarithm of the number of members for each that is found.
 */
export async function blame<T>(
  members: readonly T[],
  differs: (subset: readonly T[]) => Promise<boolean>,
): Promise<readonly (readonly T[])[]> {
  const found: (readonly T[])[] = []
  let rest = members
  while (found.length < mostFound && rest.length > 0 && (await differs(rest))) {
    const alone = [await lastHalfLeft(rest, differs)]
    // It may take more than one: what is left of the halving proves nothing then.
    const culprits = rest.length > 1 && (await differs(alone)) ? alone : rest
    found.push(culprits)
    rest = rest.filter(member => !culprits.includes(member))
  }
  return found
}

/** Where the first half makes no difference, the second one is taken to: it is asked about when it is but one. */
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
