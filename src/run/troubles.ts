import type { WpId } from '../core/ids.ts'
import { hasLasted, type Trouble, troubleAfter } from '../core/trouble.ts'
import type { RunContext } from './run-context.ts'

/** What just now keeps WPs from going on, and may pass. */
export interface Troubles {
  /** It is so, once more. Told when it is new, and when it has lasted; `silently`: not told. */
  meet(wpId: WpId, what: string, reason: string, silently?: boolean): Trouble
  over(wpId: WpId): void
  of(wpId: WpId): Trouble | undefined
  /** Whether it is not yet time to ask for this again. */
  isEarly(wpId: WpId, what: string): boolean
  /** The reasons of those that have lasted: still asked again, as long as the run has other things to do. */
  lasting(): ReadonlyMap<WpId, string>
}

export function createTroubles(
  { ports: { clock, report }, config }: Pick<RunContext, 'ports' | 'config'>,
  onLasting: (wpId: WpId, reason: string) => void,
): Troubles {
  const met = new Map<WpId, Trouble>()
  const isLasting = (trouble: Trouble) => hasLasted(trouble, config.host.patience_seconds)
  return {
    meet: (wpId, what, reason, silently = false) => {
      const before = met.get(wpId)
      const trouble = troubleAfter(before, what, reason, clock.now())
      met.set(wpId, trouble)
      if (silently) return trouble
      const isNew = before?.what !== what || before.reason !== reason
      const until = new Date(trouble.askAgainAt).toISOString()
      if (isNew) report({ type: 'wp-waiting', wpId, until, reason, patienceSeconds: config.host.patience_seconds })
      if (isLasting(trouble) && !(before?.what === what && isLasting(before))) onLasting(wpId, reason)
      return trouble
    },
    over: wpId => void met.delete(wpId),
    of: wpId => met.get(wpId),
    isEarly: (wpId, what) => {
      const trouble = met.get(wpId)
      const now = clock.now()
      return trouble?.what === what && now >= trouble.metAt && now < trouble.askAgainAt
    },
    lasting: () => new Map([...met].flatMap(([wpId, trouble]) => (isLasting(trouble) ? [[wpId, trouble.reason]] : []))),
  }
}
