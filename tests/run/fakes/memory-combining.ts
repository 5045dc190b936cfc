import type { Combining } from '../../../src/run/gate/combining.ts'
import type { Incarnation } from './incarnation.ts'

/** Merges everything: what git makes of two commits is their names. Its trees differ when their names do. */
export function memoryCombining(life: Incarnation, millis: () => number): Combining {
  const answer = <T>(data: T) => life.effect(millis(), () => ({ ok: true, data }) as const)
  return {
    combine: (target, lanes) => {
      const name = [target, ...lanes].join('+')
      return answer({ kind: 'merged', tree: name, parents: [target] } as const)
    },
    conflicts: () => answer([]),
    difference: (a, b) => answer(a === b ? [] : ['src/all.txt']),
    withFilesOf: () => answer(null),
    layOut: () => {
      const room = () => answer(null)
      return answer({ path: '/combined', checkOut: () => answer(undefined), whyNoRoom: room, remove: () => {} })
    },
  }
}
