import type { CellWorld } from '../world.ts'

/** 3 cycles of an implementation and a review, each with one retry; and the host may refuse a WP three times. */
const mostPerWp = 3 * 2 * 2 + 3

/** I7: paid attempts are bounded by the configuration. `turns`: of one call of sko. */
export function tooMany({ workPackages }: CellWorld, turns: readonly string[]): readonly string[] {
  return workPackages.flatMap(({ id }) => {
    const count = turns.filter(turn => turn.includes(`-${id}-`)).length
    return count > mostPerWp ? [`I7: ${count} attempts on ${id}, at most ${mostPerWp}`] : []
  })
}
