import type { SkoResult } from '../../cli/support/run-sko.ts'
import type { CellWorld } from '../world.ts'

/** I4: no one is named for what another did: what may be said only when the acts of the cell make it true. */
export function misnamed(world: CellWorld, result: SkoResult): readonly string[] {
  const { truth } = world
  const claims = [
    {
      says: /review(?:er)? (?:by \S+ )?(?:has )?(?:changed|edited|wrote|committed)|changed-during-review/i,
      // Who of the two it was cannot be seen: what is shown says when it was, and names no one.
      so:
        truth.reviewerWrites || (truth.personInLane && world.levels.some(({ stage }) => stage?.startsWith('review-'))),
    },
    { says: /(?:someone|somebody) else|left to them|a person moved|taken away/i, so: truth.lanesMoved },
    // An agent may have removed what makes a folder one.
    {
      says: /^(?!.*(?:could not all be copied|is not a repository that git can read)|.*"type":"not-kept").*not (?:in )?a git repository|this is a bug|a bug in sko|^ {4}at /im,
      so: false,
    },
    // No cell has checks of its own.
    { says: /changed while the checks ran/, so: false },
    { says: /"type":"main-checkout-changed".*"files":\["|changed in the main checkout /, so: truth.mainTouched },
  ]
  const text = [result.stdout, result.stderr, ...result.events().map(event => JSON.stringify(event))].join('\n')
  return claims.flatMap(({ says, so }) => {
    const [said] = so ? [] : (says.exec(text) ?? [])
    return said === undefined ? [] : [`I4: "${lineWith(text, said)}" is not what happened`]
  })
}

function lineWith(text: string, part: string): string {
  return (
    text
      .split('\n')
      .find(line => line.includes(part))
      ?.slice(0, 300) ?? part
  )
}
