import type { WpId } from '../core/ids.ts'
import type { RunContext } from './run-context.ts'
import type { Troubles } from './troubles.ts'

/** A canceled dependency releases its dependents only if an operator command canceled it, which only list-ready knows. */
export interface Releases {
  /** Planned WPs that the host calls ready although a dependency is canceled. */
  readonly released: ReadonlySet<WpId>
  /** Those that it does not, with the reason. */
  readonly refused: ReadonlyMap<WpId, string>
  /** Asks the host about those of the WPs of which it has not told. `held`: all that only canceled ones hold up. */
  ask(held: readonly WpId[]): Promise<void>
  /** It is asked again. */
  forget(wpId: WpId): void
}

const notReleased = 'a dependency is canceled, and the host does not release what depends on it'

export function createReleases(
  run: RunContext,
  troubles: Troubles,
  onRefused: (wpId: WpId, reason: string) => void,
): Releases {
  const released = new Set<WpId>()
  const refused = new Map<WpId, string>()
  const what = 'list-ready'

  const forget = (wpId: WpId): void => {
    released.delete(wpId)
    refused.delete(wpId)
  }

  return {
    released,
    refused,
    forget,
    ask: async held => {
      for (const wpId of [...released, ...refused.keys()]) if (!held.includes(wpId)) forget(wpId)
      const open = held.filter(id => !released.has(id) && !refused.has(id) && !troubles.isEarly(id, what))
      if (open.length === 0) return
      const answer = await run.ports.host.listReady({ mission: run.mission })
      const ready = answer.ok ? answer.data.ready_work_packages.map(wp => wp.wp_id) : []
      for (const wpId of open) {
        if (!answer.ok) {
          const why = `(${answer.code}): ${answer.message}`
          troubles.meet(
            wpId,
            what,
            `a dependency is canceled, and the host does not say whether that releases it ${why}`,
          )
          continue
        }
        troubles.over(wpId)
        if (ready.includes(wpId)) released.add(wpId)
        else {
          refused.set(wpId, notReleased)
          onRefused(wpId, notReleased)
        }
      }
    },
  }
}
