import type { WpId } from '../core/ids.ts'
import type { ActiveStep } from '../core/step.ts'
import type { WorkPackage } from '../core/work-package.ts'
import type { RunContext } from './run-context.ts'
import { type DrivenWorkPackage, driveWorkPackage } from './work-package.ts'

/** The WPs that this run works on now, one driver each. */
export interface Drivers {
  readonly active: ReadonlyMap<WpId, Promise<void>>
  /** What each driver is at; null: nothing yet. */
  readonly steps: ReadonlyMap<WpId, ActiveStep | null>
  start(entered: WorkPackage): void
  /** Ends the agent of one; nothing where it has none. */
  letGo(wpId: WpId): void
}

export interface DriverEvents {
  readonly mayBegin: () => boolean
  readonly onChange: (wp: WorkPackage) => void
  readonly onEnd: (driven: DrivenWorkPackage) => void
  readonly onFailure: (error: unknown) => void
  /** After each of the two above, when it is no longer active. */
  readonly onOver: () => void
}

export function createDrivers(run: RunContext, events: DriverEvents): Drivers {
  const active = new Map<WpId, Promise<void>>()
  const steps = new Map<WpId, ActiveStep | null>()
  const lettingGo = new Map<WpId, AbortController>()
  return {
    active,
    steps,
    letGo: wpId => lettingGo.get(wpId)?.abort(),
    start: entered => {
      const { wpId } = entered
      const letGo = new AbortController()
      lettingGo.set(wpId, letGo)
      // Adopted agents may be more than are allowed now.
      const mayBegin = () => events.mayBegin() && active.size <= run.config.max_concurrent_wps
      const itsRun = { ...run, stopping: AbortSignal.any([run.stopping, letGo.signal]), mayBegin }
      steps.set(wpId, null)
      const onStep = (step: ActiveStep) => void steps.set(wpId, step)
      const driven = driveWorkPackage(entered, itsRun, { onStep, onChange: events.onChange })
      active.set(
        wpId,
        driven.then(events.onEnd, events.onFailure).finally(() => {
          active.delete(wpId)
          lettingGo.delete(wpId)
          steps.delete(wpId)
          run.worktrees.release(wpId)
          events.onOver()
        }),
      )
    },
  }
}
