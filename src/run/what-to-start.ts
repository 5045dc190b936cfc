import type { WpId } from '../core/ids.ts'
import { heldByCanceled, type ScheduleInput, schedule } from '../core/schedule.ts'
import type { LanesKnown } from './lanes-known.ts'
import type { Releases } from './releases.ts'
import type { RunContext } from './run-context.ts'
import type { Troubles } from './troubles.ts'

/** What the loop knows that decides about starts. */
export interface StartDesk {
  readonly run: Pick<RunContext, 'stopping'>
  readonly input: () => ScheduleInput
  readonly mayBegin: () => boolean
  /** WPs that wait for a time; those of which the host does not tell what it was asked are added. */
  readonly deferred: Map<WpId, number>
  readonly troubles: Troubles
  readonly lanes: LanesKnown
  readonly releases: Releases
}

/** The WPs to start now, once the host has told all that this depends on. */
export async function whatToStart(desk: StartDesk): Promise<readonly WpId[]> {
  const { input, deferred, troubles, lanes, releases } = desk
  const defer = (wpIds: readonly WpId[]): void => {
    for (const wpId of wpIds) {
      const trouble = troubles.of(wpId)
      if (trouble) deferred.set(wpId, trouble.askAgainAt)
    }
  }
  const before = input()
  const closed = new Map([...before.closed].filter(([wpId]) => !releases.refused.has(wpId)))
  const held = heldByCanceled({ ...before, closed, released: new Set() })
  await releases.ask(held)
  defer(held)
  for (;;) {
    const plan = schedule(input())
    if (!desk.mayBegin() || desk.run.stopping.aborted) return []
    if (plan.resolve.length === 0) return plan.start
    const now = input()
    const isWanted = (id: WpId) => !now.active.has(id) && !now.closed.has(id) && (deferred.get(id) ?? 0) <= now.now
    const wanted = plan.resolve.filter(isWanted)
    await lanes.learn(plan.resolve, wpId => !wanted.includes(wpId))
    defer(wanted)
  }
}
